"""Whether this service is well: `readiness`, which asks by `probes` that never wait for long."""
