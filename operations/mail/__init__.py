"""What `send_email` is made of: addresses, the message, the way to a mail server. Here Django's mail is known."""
