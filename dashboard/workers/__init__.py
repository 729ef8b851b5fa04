"""The pages below `/ui/workers/`."""
