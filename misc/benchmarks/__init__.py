"""Benchmarks. Each module has `run(short)`, which yields rows; `python -m misc.benchmarks` runs and reports them."""
