"""People who log in: their names, passwords, sessions and roles, and how often one may guess."""
