"""The pages below `/ui/projects/` that are about projects themselves."""
