"""The program that reads a PDF: `python -I child.py FILE REPORT PARENT` in the folder that the tables are written to.

FILE and REPORT are descriptors: of the PDF, and of the pipe to which it writes lines of JSON. Its standard input brings
the options. `python -I child.py` alone says whether such a process has a network, by its exit code.
"""

import json
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

OUT_OF_MEMORY = b'{"failed": ["out_of_memory", "the file needs more memory than it may"]}\n'
TOO_LARGE = b'{"failed": ["too_large", "the tables are larger than one task may make them"]}\n'


def main(file: int, report: int, parent: int) -> None:
    """Exits with 0 if it could tell how it ended."""
    # Before any import that is large, so that nothing is left open by it.
    from operations.pdf.confinement import confine
    from operations.pdf.options import COUNT, LOOK, Limits, Options

    given = json.load(sys.stdin)
    limits = Limits(**given["limits"])
    confine(limits, parent)
    try:
        from operations.pdf.failures import Unconvertible
        from operations.pdf.looking import count, look
        from operations.pdf.reading import convert

        def tell(message: dict[str, Any]) -> None:
            rest = json.dumps(message).encode() + b"\n"
            while rest:
                rest = rest[os.write(report, rest) :]

        try:
            options = Options(**given["options"])
            with os.fdopen(file, "rb") as pdf:
                if given["does"] == LOOK:
                    tell({"result": look(pdf, options, limits)})
                elif given["does"] == COUNT:
                    tell({"result": count(pdf)})
                else:
                    tell({"result": convert(pdf, options, limits, Path(), tell)})
        except Unconvertible as error:
            tell({"failed": [error.type, error.message]})
    except MemoryError:
        os.write(report, OUT_OF_MEMORY)
    except OSError:
        os.write(report, TOO_LARGE)
    # What is left need not be tidied up.
    os._exit(0)


def alone() -> None:
    """Let `operations.pdf` be found without what `operations` imports: the catalogue, and all that it needs."""
    package = ModuleType("operations")
    package.__path__ = [str(Path(__file__).resolve().parent.parent)]
    sys.modules["operations"] = package


if __name__ == "__main__":
    alone()
    if len(sys.argv) == 1:
        from operations.pdf.confinement import leave_network

        sys.exit(not leave_network())
    main(*map(int, sys.argv[1:]))
