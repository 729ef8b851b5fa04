"""A migration that needs a table for itself and changes nothing."""
