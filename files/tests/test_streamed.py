"""Which requests have bodies that are read as they come."""

import pytest

from files.streamed import is_upload


@pytest.mark.parametrize(
    "path",
    [
        "/files/",
        "/files",
        "/ui/api/files/",
        "/ui/files/upload/",
        "/ui/projects/acme/files/upload/",
        "/ui/projects/acme/api/files/",
    ],
)
def test_uploads(path: str) -> None:
    assert is_upload({"REQUEST_METHOD": "POST", "PATH_INFO": path})
    assert not is_upload({"REQUEST_METHOD": "GET", "PATH_INFO": path})


@pytest.mark.parametrize(
    "path",
    [
        "/tasks/",
        "/files/upload/",
        "/ui/files/",
        "/ui/files/a/delete/",
        "/ui/projects/acme/files/",
        "/ui/projects/a/b/files/upload/",
        "/ui/tasks/files/upload/",
    ],
)
def test_all_others(path: str) -> None:
    assert not is_upload({"REQUEST_METHOD": "POST", "PATH_INFO": path})
