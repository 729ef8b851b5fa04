"""`misc/venv.py` runs before anything is installed, on whatever Python there is."""

import ast
import re

from misc import venv
from testing.stack import PROJECT


def test_it_parses_on_old_pythons_to_tell_that_they_are_old() -> None:
    source = (PROJECT / "misc" / "venv.py").read_text()
    tree = ast.parse(source, feature_version=(3, 4))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    assert functions
    assert not any(function.returns for function in functions), "Python 2 knows no annotations"


def test_what_is_installed_beside_the_lock_is_held_to_its_versions() -> None:
    lock = (PROJECT / "requirements-dev.txt").read_text()
    pins = venv.pins(lock).splitlines()
    assert len(pins) == len(re.findall("^[a-z]", lock, re.MULTILINE)) > 50
    assert all(re.fullmatch(r"[\w.\[\]-]+==\S+( ; .+[^ \\])?", pin) for pin in pins)
