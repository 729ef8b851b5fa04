"""Units for systemd: filling in the templates of `deploy/systemd`, and finding out what could not work."""
