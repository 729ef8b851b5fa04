"""Files for tests, in a folder of their own."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from access.actor import DEFAULT_PROJECT_ID
from files.actions.storing import store
from files.models import File

BYTES = b"a,b\n1,2\n"


@pytest.fixture
def files_folder(settings: Settings, tmp_path: Path) -> Path:
    """A storage of the test's own."""
    folder = tmp_path / "files"
    folder.mkdir()
    settings.STORAGES = {
        **settings.STORAGES,
        "files": {"BACKEND": "files.storage.Folder", "OPTIONS": {"location": str(folder)}},
    }
    return folder


def stored(
    name: str = "a.csv",
    content: bytes = BYTES,
    project_id: int = 1,
    media_type: str = "text/csv",
    **more: Any,
) -> File:
    """A file with these bytes."""
    return store([content], name, media_type, project_id, **more)


def a_file(
    content: bytes = BYTES,
    name: str = "table.csv",
    media_type: str = "text/csv",
    project_id: int = DEFAULT_PROJECT_ID,
    **columns: Any,
) -> File:
    """A file with these bytes, and other columns as a test wants them."""
    file = store([content], name, media_type, project_id)
    File.objects.filter(id=file.id).update(project_id=project_id, **columns)
    return File.objects.select_related("content").get(id=file.id)


def reference(file: File) -> dict[str, str]:
    """What arguments have in its place."""
    return {"$file": str(file.id)}


def age(table: str, column: str, interval: str = "2 days") -> None:
    """As if so much time had passed since."""
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET {column} = {column} - interval '{interval}'")  # noqa: S608 (ours)
