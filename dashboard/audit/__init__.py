"""The pages below `/ui/audit/`."""
