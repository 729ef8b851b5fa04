"""Where the bytes of files are, if no other storage is named."""

import os
from pathlib import Path

from config.environment import Environment


def files_folder(environment: Environment, base: Path) -> str:
    """FILES_DIR, or a folder beside what else this installation keeps."""
    if environment.FILES_DIR:
        return environment.FILES_DIR
    kept = os.environ.get("STATE_DIRECTORY") or os.environ.get("DATA_DIR") or str(base / ".punctual")
    return str(Path(kept).resolve() / "files")
