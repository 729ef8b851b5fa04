"""The example of docs/tutorial/invoices.md: from a PDF that somebody uploads to rows in a table, each night."""
