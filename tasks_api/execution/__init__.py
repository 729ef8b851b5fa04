"""One task from its claim to its record: `running`. The rest is what surrounds an operation while it runs."""
