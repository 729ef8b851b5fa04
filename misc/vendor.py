"""Brings the files of others that pages use, from npm's registry, and writes down what they are. `make vendor`.

What is to be brought, in which versions, stands in `VENDOR.toml`; its hashes are written anew.
"""

import hashlib
import io
import json
import re
import subprocess
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "dashboard/static/dashboard/vendor"
LIST = FOLDER / "VENDOR.toml"
SPRITE = "icons.svg"
HEAD = """# What stands in this folder. `make vendor` brings it from npm's registry; a test compares the hashes.
# For a newer version: change `version`, run `make vendor`.
"""
_SHAPES = re.compile(r"<svg[^>]*>(?P<shapes>.*)</svg>", re.DOTALL)


def main() -> None:
    """Bring everything."""
    packages = tomllib.loads(LIST.read_text())["package"]
    for package in packages:
        bring(package)
    LIST.write_text(HEAD + "".join(map(described, packages)))


def bring(package: dict[str, Any]) -> None:
    """The files of one package; its `integrity` and hashes are set."""
    archive, package["integrity"] = packed(f"{package['name']}@{package['version']}")
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        for file in package["files"]:
            text = sprite(files, file["icons"]) if "icons" in file else read(files, file["from"])
            (FOLDER / file["file"]).write_bytes(text)
            file["sha256"] = hashlib.sha256(text).hexdigest()


def packed(package: str) -> tuple[bytes, str]:
    """What npm publishes under this name and version, and the hash that it tells."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["npm", "pack", "--json", package], cwd=folder, capture_output=True, text=True, check=True
        )
        told = json.loads(done.stdout)[0]
        return (Path(folder) / told["filename"]).read_bytes(), told["integrity"]


def read(files: tarfile.TarFile, name: str) -> bytes:
    """A file of a package. The address of a map, which is not brought, is left out."""
    member = files.extractfile(f"package/{name}")
    assert member is not None, name  # noqa: S101 (the list names files)
    return re.sub(rb"\n//# sourceMappingURL=.*\n?$", b"\n", member.read())


def sprite(files: tarfile.TarFile, names: list[str]) -> bytes:
    """Icons as one picture, each by its name."""
    symbols = []
    for name in sorted(names):
        found = _SHAPES.search(read(files, f"icons/{name}.svg").decode())
        assert found, name  # noqa: S101 (all icons are such pictures)
        shapes = " ".join(found["shapes"].split())
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>')
    return ('<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n").encode()


def described(package: dict[str, Any]) -> str:
    """A package in TOML."""
    own = "".join(
        f"{key} = {json.dumps(package[key])}\n" for key in ("name", "version", "licence", "integrity")
    )
    files = "".join(
        "\n[[package.files]]\n" + "".join(f"{key} = {_value(value)}\n" for key, value in file.items())
        for file in package["files"]
    )
    return f"\n[[package]]\n{own}{files}"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "[\n" + "".join(f"  {json.dumps(each)},\n" for each in sorted(value)) + "]"
    return json.dumps(value)


if __name__ == "__main__":
    main()
