"""What the tests of several packages share: servers, whole stacks, clients, rows, and things that behave badly."""
