"""The pages below `/ui/files/`."""
