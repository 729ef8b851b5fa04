"""Failures by reason."""
