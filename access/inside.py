"""Code that runs inside this Django, or at its command line, in a project that it names."""

from access import known
from access.actor import DEFAULT_PROJECT, SYSTEM, Actor


class UnknownProject(Exception):
    """There is no such project."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"must be the slug of a project, got {slug[:100]!r}")


def system_in(slug: str) -> Actor:
    """Punctual itself in this project. Raises UnknownProject."""
    if slug == DEFAULT_PROJECT:
        return SYSTEM
    project = known.find_project(slug)
    if project is None:
        raise UnknownProject(slug)
    return known.placed(SYSTEM, project)
