"""What all pages stand in: who looks, where, and what is around a page."""
