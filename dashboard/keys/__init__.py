"""The pages below `/ui/keys/`."""
