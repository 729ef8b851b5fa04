"""A feedback form that answers at once: a worker sends the mail, and the page shows how that goes."""
