"""The files of others are what their authors published."""

import hashlib
import tomllib

import pytest

from misc.vendor import FOLDER, LIST

PACKAGES = tomllib.loads(LIST.read_text())["package"]
FILES = [file for package in PACKAGES for file in package["files"]]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file["file"]))
def test_nobody_changed_a_file(file: dict[str, str]) -> None:
    assert hashlib.sha256((FOLDER / file["file"]).read_bytes()).hexdigest() == file["sha256"]


def test_every_file_is_in_the_list() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {"VENDOR.toml", *(file["file"] for file in FILES)}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: str(package["name"]))
def test_each_package_says_where_it_is_from_and_what_it_allows(package: dict[str, str]) -> None:
    assert package["integrity"].startswith("sha512-")
    assert package["licence"] in ("MIT", "ISC", "0BSD")
    assert any("LICENSE" in str(file) for file in package["files"])
