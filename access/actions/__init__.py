"""What may be done with keys and projects."""
