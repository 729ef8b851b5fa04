"""Why a PDF becomes no tables."""


class Unconvertible(Exception):
    """`type` is one of ERRORS, `message` a sentence."""

    def __init__(self, type: str, message: str) -> None:  # noqa: A002 (as of errors of operations)
        super().__init__(type, message)
        self.type = type
        self.message = message


ERRORS = {
    "not_a_pdf": "The file does not begin like a PDF. Permanent.",
    "encrypted": "The file asks for a password. Permanent.",
    "damaged": "The file begins like a PDF, and cannot be read, or none of its pages can. Permanent.",
    "no_such_pages": "The file has none of the pages that were asked for. Permanent.",
    "too_many_pages": "More pages were asked for than are read in one task. Permanent.",
    "no_tables": "There are no tables; the message says what there is instead. Permanent.",
    "no_such_table": "A table that was asked for by its number is not there. Permanent.",
    "too_many_tables": "There are more tables than one task makes files of. Permanent.",
    "too_large": "The files would be larger than one task may make them. Permanent.",
    "out_of_memory": "The file needs more memory than it may. Permanent.",
    "timeout": "The file needs more time than it may. Permanent.",
    "crashed": "What reads the file crashed. Permanent.",
}


def raise_if_memory_ran_out(error: BaseException) -> None:
    """Raises MemoryError where that is what pdfplumber has wrapped."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, MemoryError) or any(isinstance(each, MemoryError) for each in seen.args):
            raise MemoryError
        seen = seen.__cause__ or seen.__context__
