"""Secrets that systemd hands to a service: files in the folder $CREDENTIALS_DIRECTORY, each named by what it holds."""

import os
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource

FOLDER = "CREDENTIALS_DIRECTORY"
NAMES = {
    "SECRET_KEY_FILE": "secret_key",
    "DATABASE_PASSWORD_FILE": "database_password",
    "BROKER_PASSWORD_FILE": "broker_password",
    "EMAIL_PASSWORD_FILE": "email_password",
}
"""Which credential a setting is the file of, unless the environment names another."""


class Credentials(PydanticBaseSettingsSource):
    """The settings that the environment leaves to credentials. An empty one counts as not set."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 (pydantic's)
        """Pydantic's: the value of one setting, None where there is no such credential."""
        folder = os.environ.get(FOLDER)
        if not folder:
            return None, field_name, False
        if field_name == "SECRETS_DIR":
            return folder, field_name, False
        name = NAMES.get(field_name)
        path = Path(folder, name) if name else None
        return (str(path) if path and _holds_something(path) else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Pydantic's: the settings that there are credentials for."""
        fields = self.settings_cls.model_fields
        values = {name: self.get_field_value(field, name)[0] for name, field in fields.items()}
        return {name: value for name, value in values.items() if value is not None}


def _holds_something(path: Path) -> bool:
    """Of one that cannot be read, whoever reads it tells."""
    try:
        return bool(path.read_bytes().strip())
    except FileNotFoundError:
        return False
    except OSError:
        return True
