"""Occurrences as they are read: `pages` joins the ledger with what is to come, which `forecast` tells."""
