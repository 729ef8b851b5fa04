"""Pages for people: clients of the same actions as the API, with no rules of their own."""
