"""The operations that come with Punctual. Importing a module registers what it defines."""

from operations import calculate, http_request, numbers, run_command, send_email, sleep

__all__ = ["calculate", "http_request", "numbers", "run_command", "send_email", "sleep"]
