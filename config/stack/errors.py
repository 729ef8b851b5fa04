"""Errors that a person can fix."""


class StackError(Exception):
    """Something that a person has to fix. Its text is one clear line, shown without a traceback."""
