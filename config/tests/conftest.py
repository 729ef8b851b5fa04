"""What the tests of settings share."""

import json
from collections.abc import Iterator

import pytest
import trustme

from config.tests import allowed
from testing.peers import trusting
from testing.stack import Stack, running_stack


@pytest.fixture(scope="session")
def own_authority() -> trustme.CA:
    """The authority that the operator of `allowing` trusts."""
    return trustme.CA()


@pytest.fixture(scope="session")
def allowing(tmp_path_factory: pytest.TempPathFactory, own_authority: trustme.CA) -> Iterator[Stack]:
    """A stack with one worker process, whose operator allows commands, requests to 127.0.0.1, and secrets.

    Its operations let out what they can, and it says as much as it can. Its tests belong to the group `allowing`.
    """
    folder = tmp_path_factory.mktemp("allowing")
    (folder / "secrets").mkdir()
    (folder / "secrets/crm_token").write_text(allowed.IN_A_FILE + "\n")
    (folder / "commands.json").write_text(json.dumps(allowed.commands(str(folder))))
    settings = {
        "APPS": "testing",
        "WORKERS": "1",
        "LOG_LEVEL": "DEBUG",
        "COMMANDS_FILE": str(folder / "commands.json"),
        "HTTP_REQUEST_ALLOW": "127.0.0.1",
        "HTTP_REQUEST_CA_FILE": trusting(own_authority, folder),
        "SECRETS": json.dumps(allowed.READERS),
        "SECRETS_DIR": str(folder / "secrets"),
        "SECRET_OTHER": allowed.IN_THE_ENVIRONMENT,
        "SECRET_COMMANDS_TOKEN": allowed.COMMANDS_TOKEN,
        "SECRET_HOOK": allowed.SIGNING_SECRET,
        "SECRET_ACCESS_TOKEN": allowed.ACCESS_TOKEN,
    }
    with running_stack(folder, **settings) as stack:
        yield stack
