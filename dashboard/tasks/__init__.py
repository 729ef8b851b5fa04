"""The list of tasks: the filter bar, the rows, and what is done to many."""
