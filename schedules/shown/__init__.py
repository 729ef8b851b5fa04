"""Schedules as people look at them: many at a time with how their last runs went, and one with its year."""
