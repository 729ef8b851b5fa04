"""The pages below `/ui/forecast/`."""
