"""A pytest plugin: one Postgres and one Valkey for the whole test run, unless the environment names others.

pytest.ini loads it with `-p`, because they must run before pytest-django reads the settings.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from config.stack import sourced
from config.stack.errors import StackError
from config.stack.postgres import Postgres
from config.stack.programs import stop
from config.stack.servers import Server, wait_until_ready
from config.stack.unprivileged import discard
from config.stack.valkey import Valkey
from testing.ports import own_port

pytest_plugins = ["testing.stack", "testing.rabbitmq", "testing.brokers"]


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    """Prepares the environment before Django's settings read it."""
    sourced.forget(os.environ)
    os.environ.setdefault("DEVELOPMENT", "1")
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        _start_missing_servers(early_config)
    else:
        os.environ["CELERY_BROKER_URL"] = _broker_for(worker, os.environ["CELERY_BROKER_URL"])
    return (yield)


def _start_missing_servers(early_config: pytest.Config) -> None:
    servers = ExitStack()
    early_config.add_cleanup(servers.close)
    os.environ["FILES_DIR"] = servers.enter_context(tempfile.TemporaryDirectory(prefix="punctual-files-"))
    try:
        if not os.environ.get("DATABASE_URL"):
            os.environ["DATABASE_URL"] = servers.enter_context(running_postgres())
        if not os.environ.get("CELERY_BROKER_URL"):
            os.environ["CELERY_BROKER_URL"] = servers.enter_context(running_valkey())
    except StackError as error:
        raise pytest.UsageError(str(error)) from None


def _broker_for(worker: str, broker_url: str) -> str:
    """Each process has a numbered database of its own. Number 0 belongs to the first process."""
    if urlsplit(broker_url).scheme not in ("redis", "rediss", "valkey"):
        return broker_url
    number = int(worker.removeprefix("gw")) + 1
    return urlsplit(broker_url)._replace(path=f"/{number}").geturl()


@contextmanager
def running_postgres() -> Iterator[str]:
    """A Postgres that keeps nothing, while the context lasts. Yields its URL."""
    with _temporary_folder("postgres") as folder:
        postgres = Postgres(folder, own_port(), secrets.token_hex(16), durable=False)
        with _running(postgres, folder.with_suffix(".log")):
            yield postgres.url


@contextmanager
def running_valkey() -> Iterator[str]:
    """A Valkey while the context lasts. Yields its URL."""
    with _temporary_folder("valkey") as folder:
        valkey = Valkey(folder, own_port(), secrets.token_hex(16))
        with _running(valkey, folder.with_suffix(".log")):
            yield valkey.url


@contextmanager
def _temporary_folder(name: str) -> Iterator[Path]:
    parent = Path(tempfile.mkdtemp(prefix="punctual-tests-"))
    try:
        yield parent / name
    finally:
        discard(parent / name)
        shutil.rmtree(parent, ignore_errors=True)


@contextmanager
def _running(server: Server, log: Path) -> Iterator[None]:
    server.prepare()
    with log.open("wb") as output:
        process = server.program.start(output)
    try:
        wait_until_ready(server, process)
        yield
    except StackError as error:
        raise StackError(f"{error}\n{log.read_text(errors='replace')}") from None
    finally:
        stop(process, server.program.stop_signal)
