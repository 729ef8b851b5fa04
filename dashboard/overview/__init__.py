"""The first page: what runs, what comes, and what needs somebody."""
