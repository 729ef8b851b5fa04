"""The units, made of the templates in `deploy/systemd`."""

import re
from dataclasses import dataclass
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parents[2] / "deploy" / "systemd"
PLACEHOLDER = re.compile("@([a-z_]+)@")
FLOWER = "punctual-flower.service"
TARGET = "punctual.target"


@dataclass(frozen=True, slots=True)
class Installation:
    """What differs from one machine to another."""

    user: str
    directory: Path
    """Of this version of the service."""
    python: Path
    environment_file: Path
    credentials: Path
    workers: int
    """How many services of that kind; each runs as many tasks at once as the setting WORKERS says."""
    port: int | None = None
    flower: bool = True


def units(installation: Installation, templates: Path = TEMPLATES) -> dict[str, str]:
    """The text of each unit, by the name of its file."""
    names = sorted(path.name for path in templates.iterdir() if path.suffix != ".conf")
    return {
        name: _filled_in((templates / name).read_text(), _values(installation, templates))
        for name in names
        if installation.flower or name != FLOWER
    }


def services(installation: Installation) -> list[str]:
    """What runs all the time."""
    workers = [f"punctual-worker@{number}.service" for number in range(1, installation.workers + 1)]
    flower = [FLOWER] if installation.flower else []
    return ["punctual-web.service", *workers, "punctual-sweeper.service", "punctual-beat.service", *flower]


def _values(installation: Installation, templates: Path) -> dict[str, str]:
    return {
        "user": installation.user,
        "directory": str(installation.directory),
        "python": str(installation.python),
        "environment_file": str(installation.environment_file),
        "credentials": str(installation.credentials),
        "port": "" if installation.port is None else f"Environment=PORT={installation.port}",
        "wants": "\n".join(f"Wants={name}" for name in services(installation)),
        **{path.stem: path.read_text().rstrip("\n") for path in templates.glob("*.conf")},
    }


def _filled_in(template: str, values: dict[str, str]) -> str:
    """Parts of templates have placeholders, too."""
    filled = template
    while PLACEHOLDER.search(filled):
        filled = PLACEHOLDER.sub(lambda found: values[found[1]], filled)
    return re.sub(r"\n{3,}", "\n\n", filled)
