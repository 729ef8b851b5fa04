"""Commands that the operator names: what they are, the arguments that they take, and how one is run.

No shell reads anything of them, and nothing that a command starts outlives its run.
"""

from operations.commands.collection import Commands
from operations.commands.definition import Command
from operations.commands.reading import read_commands

__all__ = ["Command", "Commands", "read_commands"]
