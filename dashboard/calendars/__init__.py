"""The pages below `/ui/calendar/`."""
