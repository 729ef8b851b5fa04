"""Whether the documentation is true of the code, as far as that can be told without running it.

    python misc/check_docs.py            tells what is wrong, and fails if anything is
    python misc/check_docs.py --write    first writes the generated parts anew, and the files that pages show

The commands that the pages show are run by `misc/tests/test_docs_commands.py`.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))  # as a script, this file's own folder stands there

from config.stack.commands import ROLES  # noqa: E402
from misc import (  # noqa: E402
    configuration_reference,
    operations_reference,
    placeholders_reference,
    states_picture,
)
from misc.markdown import Page, read_page  # noqa: E402

BEGIN = "<!-- generated: change the code, then run misc/check_docs.py --write -->"
END = "<!-- end of the generated part -->"
GENERATED: dict[str, Callable[[], str]] = {
    "docs/reference/configuration.md": configuration_reference.text,
    "docs/reference/operations.md": operations_reference.text,
    "docs/reference/rules.md": placeholders_reference.text,
    "docs/explanation/guarantees.md": states_picture.text,
}
CODE_KINDS = {".py", ".yml", ".sh"}
CODE_NAMES = {"Makefile", "Dockerfile"}
FILE_KINDS = {".py", ".md", ".json", ".yml", ".toml", ".txt", ".in", ".ini", ".sh", ".svg"}

_SHOWN_FILE = re.compile(
    r"^(?P<fence>```\w+ (?P<file>\S+/\S+)\n)(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
"""A block that shows a file: behind its fence stand the language and the path."""
_PATH = re.compile(r"[\w.-]+(?:/[\w.-]+)*/?")
_MAKE = re.compile(r"\bmake ((?:[A-Z_]+=\S+ )*)([a-z]+)\b")
_SETTING = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b|\b[A-Z][A-Z0-9_]+(?==[^=]\S* .*\bma(?:k|nag)e)")


def main() -> int:
    """The exit code: 0 if all is well."""
    if "--write" in sys.argv[1:]:
        write_parts(PROJECT)
    problems = [*stale_parts(PROJECT), *wrong_pages(PROJECT)]
    for problem in problems:
        print(problem)
    return 1 if problems else 0


def wrong_pages(project: Path) -> Iterator[str]:
    """What is wrong with the pages of a project, one line each."""
    pages = [read_page(path) for path in documents(project)]
    files = set(_files(project))
    words = _words_of_code(files) | {f"{role.upper()}_PID" for role in ROLES}
    targets = set(re.findall(r"^([a-z]+):", (project / "Makefile").read_text(), re.MULTILINE))
    for page in pages:
        name = page.path.relative_to(project)
        found = [
            *_broken_links(page, project),
            *_bad_json(page),
            *_stale_files(page, project),
            *_missing_files(page, project, files),
            *_unknown_targets(page, targets),
            *(_unknown_settings(page, words) if name.parts[:2] != ("docs", "decisions") else ()),
        ]
        yield from (f"{name}:{line}: {problem}" for line, problem in sorted(set(found)))
    yield from _pages_that_no_index_links(pages, project)


def documents(project: Path) -> list[Path]:
    """Every page: those at the root, and all of `docs/`."""
    return [*sorted(project.glob("*.md")), *sorted((project / "docs").rglob("*.md"))]


def stale_parts(project: Path) -> Iterator[str]:
    """The pages whose generated part is not what the code says now."""
    for name, make in GENERATED.items():
        if generated_part((project / name).read_text()) != make():
            yield f"{name}: is not what the code says: run `python misc/check_docs.py --write`"


def write_parts(project: Path) -> None:
    """Write the generated parts of the pages anew, and the files that they show."""
    for name, make in GENERATED.items():
        before, _, rest = (project / name).read_text().partition(BEGIN)
        (project / name).write_text(f"{before}{BEGIN}\n\n{make()}\n\n{END}{rest.partition(END)[2]}")
    for page in documents(project):
        text = page.read_text()
        if (new := with_files(text, project)) != text:
            page.write_text(new)


def generated_part(text: str) -> str:
    """What stands between the marks."""
    return text.partition(BEGIN)[2].partition(END)[0].strip("\n")


def with_files(text: str, project: Path) -> str:
    """The text of a page, with the files in it as they are now. One that is not there stays as it is shown."""

    def shown(block: re.Match[str]) -> str:
        path = project / block["file"]
        return f"{block['fence']}{path.read_text()}```" if path.is_file() else block[0]

    return _SHOWN_FILE.sub(shown, text)


def _stale_files(page: Page, project: Path) -> Iterator[tuple[int, str]]:
    for block in page.blocks:
        _, _, name = block.info.partition(" ")
        if "/" not in name:
            continue
        if not (project / name).is_file():
            yield block.line, f"shows {name}, which does not exist"
        elif (project / name).read_text() != block.text + "\n":
            yield block.line, f"does not show what is in {name}: run `python misc/check_docs.py --write`"


def _broken_links(page: Page, project: Path) -> Iterator[tuple[int, str]]:
    for line, link in page.links():
        if re.match(r"[a-z]+:", link):
            continue
        target = _target(page, link)
        anchor = link.partition("#")[2]
        if not target.exists() or not target.is_relative_to(project):
            yield line, f"links to {link}, which does not exist"
        elif anchor and anchor not in read_page(target).anchors():
            yield line, f"links to {link}, but there is no such heading"


def _target(page: Page, link: str) -> Path:
    path = link.partition("#")[0]
    return (page.path.parent / path).resolve() if path else page.path


def _bad_json(page: Page) -> Iterator[tuple[int, str]]:
    for block in page.blocks:
        if block.info.startswith("json"):
            try:
                json.loads(block.text)
            except ValueError as error:
                yield block.line, f"is not JSON: {error}"


def _missing_files(page: Page, project: Path, files: set[Path]) -> Iterator[tuple[int, str]]:
    top = {path.relative_to(project).parts[0] for path in files}
    for line, span in page.spans():
        if not _PATH.fullmatch(span):
            continue
        in_project = span.split("/")[0] in top and "/" in span
        if (in_project or Path(span).suffix in FILE_KINDS) and project / span not in files:
            yield line, f"names {span}, which does not exist"


def _unknown_targets(page: Page, targets: set[str]) -> Iterator[tuple[int, str]]:
    for line, code in page.code():
        for _, target in _MAKE.findall(code):
            if target not in targets:
                yield line, f"names `make {target}`, which the Makefile does not have"


def _unknown_settings(page: Page, words: set[str]) -> Iterator[tuple[int, str]]:
    for line, code in page.code():
        for name in _SETTING.findall(code):
            if name not in words:
                yield line, f"names {name}, which the code does not know"


def _words_of_code(files: set[Path]) -> set[str]:
    code = [path for path in files if path.suffix in CODE_KINDS or path.name in CODE_NAMES]
    return {word for path in code for word in re.findall(r"\b[A-Z][A-Z0-9_]+\b", path.read_text())}


def _files(project: Path) -> Iterator[Path]:
    """Everything in a project, without what hidden folders hold, such as `.venv`."""
    for path in project.iterdir():
        if not (path.name.startswith(".") and path.is_dir()):
            yield path
            yield from path.rglob("*")


def _pages_that_no_index_links(pages: list[Page], project: Path) -> Iterator[str]:
    linked = {
        page.path: {_target(page, link) for _, link in page.links() if "://" not in link} for page in pages
    }
    for page in pages:
        index = _index_of(page.path, project)
        if index and page.path not in linked[index]:
            yield f"{page.path.relative_to(project)}: {index.relative_to(project)} does not link to it"


def _index_of(path: Path, project: Path) -> Path | None:
    """The README that is nearest above a page. None for those at the root."""
    folders = (folder for folder in path.parents if folder.is_relative_to(project) and folder != project)
    readmes = (folder / "README.md" for folder in folders)
    nearest = next(
        (readme for readme in readmes if readme != path and readme.is_file()), project / "README.md"
    )
    return nearest if path.parent != project else None


if __name__ == "__main__":
    sys.exit(main())
