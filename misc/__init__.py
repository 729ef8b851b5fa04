"""Tools around the product: checks, chaos tests, benchmarks, hooks. The product never imports them."""
