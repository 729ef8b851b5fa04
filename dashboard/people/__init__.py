"""The pages below `/ui/people/`."""
