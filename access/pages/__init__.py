"""The pages on which people log in, and what every page below `/ui/` begins with (`page`)."""
