"""The pages below `/ui/checks/`."""
