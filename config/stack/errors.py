"""What can go wrong in a way that a person can mend."""


class StackError(Exception):
    """Something a person has to mend. Its text is one clear line, shown without a traceback."""
