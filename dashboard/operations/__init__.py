"""The pages below `/ui/operations/`."""
