"""An app for a test: its migration waits for a lock."""
