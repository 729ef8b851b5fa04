"""Texts of scripts that are read from right to left. A PDF has their letters as they stand on the page."""

import re
import unicodedata

_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_FORMS = re.compile(r"[\ufb1d-\ufdff\ufe70-\ufefc]")
_LEFT_TO_RIGHT_RUN = re.compile(
    r"[^\W\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]+(?:[.,:/+%-]*[^\W\u0590-\u08ff]+)*%?"
)
_MIRRORED = str.maketrans("()[]{}<>«»", ")(][}{><»«")


def is_right_to_left(text: str) -> bool:
    """Whether something in it is read from right to left."""
    return _RIGHT_TO_LEFT.search(text) is not None


def reading_order(line: str) -> str:
    """A line as it is read, of one as it stands on the page; numbers and words of other scripts stay as they are."""
    if not is_right_to_left(line):
        return line
    turned = line[::-1].translate(_MIRRORED)
    turned = _LEFT_TO_RIGHT_RUN.sub(lambda run: run[0][::-1], turned)
    return _FORMS.sub(lambda form: unicodedata.normalize("NFKC", form[0]), turned)
