"""Actions on all that a filter names, which go on when whoever asked has left: a row, and turns of the sweep."""
