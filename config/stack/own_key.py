"""The secret key of a stack on one's own machine: its data folder keeps it, which comes after the settings."""

from collections.abc import MutableMapping

from config.stack.data_folder import DataFolder

PLACEHOLDER = "the-one-that-the-data-folder-keeps"


def reserve(environment: MutableMapping[str, str]) -> None:
    """Where nobody gave a key, let one stand in its place that settings can be checked with."""
    if not (environment.get("SECRET_KEY") or environment.get("SECRET_KEY_FILE")):
        environment["SECRET_KEY"] = PLACEHOLDER


def fill(environment: MutableMapping[str, str], folder: DataFolder) -> None:
    """Put the folder's key there."""
    if environment.get("SECRET_KEY") == PLACEHOLDER:
        environment["SECRET_KEY"] = folder.secret("secret_key")
