"""What checks look at. Each part is asked for when the first check wants it, and once."""

import ipaddress
import os
import shutil
import tempfile
import time
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import connection

from access import known
from files.storage import Folder, incoming_folder, storage
from tasks_api.broker.connection import Broker
from tasks_api.broker.server_facts import ServerFacts
from tasks_api.database import fetch_all, fetch_one
from tasks_api.health.broker_probe import session_for
from tasks_api.health.probes import Finding, Probe
from tasks_api.models import Role
from tasks_api.node.heartbeat import TIME_ZONE_DATA, Presence, presence
from tasks_api.transitions import NODE_LEASE_SECONDS
from values.version import VERSION

LOCAL_HOSTS = ("", "localhost")

DATABASE_SQL = """
SELECT clock_timestamp(), current_setting('server_version_num')::int,
       current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
           - current_setting('reserved_connections')::int,
       (SELECT sum(numbackends) FROM pg_stat_database), pg_database_size(current_database()),
       CASE WHEN pg_has_role('pg_read_all_settings', 'USAGE') THEN current_setting('data_directory') END,
       (SELECT at FROM audit_event WHERE id = (SELECT event_id FROM audit_unsealed ORDER BY event_id LIMIT 1))
"""
ALIVE_SQL = """
SELECT role, name, slots, version, time_zone_data, clock_offset_seconds FROM worker_node
 WHERE stopped_at IS NULL AND beat_at > clock_timestamp() - make_interval(secs => %s) ORDER BY id
"""


class DatabaseFacts(NamedTuple):
    """What Postgres says of itself."""

    now: datetime
    clock_offset_seconds: float
    """By how much the clock of this machine is ahead."""
    version: int
    """As `server_version_num`, such as 180001."""
    connections: int
    """How many it takes of those who are no superusers."""
    connected: int
    size: int
    """Of the database, in bytes."""
    folder: str | None
    """Where its data is; None: only superusers are told."""
    unsealed_since: datetime | None
    """From when the oldest event of the audit log is that has no place yet."""


class NodeFacts(NamedTuple):
    """A process that is alive, as it says."""

    role: str
    name: str
    slots: int | None
    version: str | None
    time_zone_data: str | None
    clock_offset_seconds: float | None


class Space(NamedTuple):
    """A place for files."""

    name: str
    free: int
    total: int


class _Asking:
    """The thread that asks the broker; a forked child needs another."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.probe = Probe("broker", session_for(Broker.facts))


asking = _Asking()
os.register_at_fork(after_in_child=asking.reset)


class Facts:
    """Those of one look. Raises, where it is asked, what the database raises."""

    version = VERSION
    time_zone_data = TIME_ZONE_DATA

    def __init__(self) -> None:
        asking.probe.ask()

    @cached_property
    def broker(self) -> Finding[ServerFacts]:
        """What the broker says of itself, or why it says nothing. Waits for less than a second."""
        return asking.probe.finding()

    @cached_property
    def database(self) -> DatabaseFacts:
        """What Postgres says of itself."""
        began = time.time()
        row = fetch_one(DATABASE_SQL, [])
        assert row is not None  # noqa: S101 (the statement always answers with one row)
        now, *others = row
        return DatabaseFacts(now, (began + time.time()) / 2 - now.timestamp(), *others)

    @cached_property
    def nodes(self) -> list[NodeFacts]:
        """All that are alive."""
        return [NodeFacts(*row) for row in fetch_all(ALIVE_SQL, [NODE_LEASE_SECONDS])]

    @cached_property
    def roles(self) -> dict[Role, Presence]:
        """Of each role, how many are alive, and what fails in them."""
        return presence()

    @cached_property
    def spaces(self) -> list[Space]:
        """Places for files that can be seen from here."""
        found = [_space("the web process' temporary files", tempfile.gettempdir())]
        folder = self.database.folder
        if folder and is_this_machine(str(connection.settings_dict["HOST"])) and Path(folder).is_dir():
            found.append(_space("the database's files", folder))
        if isinstance(storage(), Folder):
            found.append(_space("the files that people uploaded and tasks made", str(incoming_folder())))
        return found

    @property
    def web_connections(self) -> int:
        """How many connections the web processes of this service may have."""
        environment = settings.ENVIRONMENT
        return int(environment.WEB_PROCESSES * (environment.WEB_THREADS + 3))

    @property
    def is_open(self) -> bool:
        """Whether nobody needs a key."""
        return known.is_open()

    @property
    def is_reachable(self) -> bool:
        """Whether others than this machine may reach the service."""
        environment = settings.ENVIRONMENT
        return not is_this_machine(environment.PUBLISH_ADDRESS or environment.HOST)


def is_this_machine(host: str) -> bool:
    """Whether an address of a server, or a folder of sockets, is of this machine."""
    if host in LOCAL_HOSTS or host.startswith("/"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _space(name: str, folder: str) -> Space:
    usage = shutil.disk_usage(folder)
    return Space(name, usage.free, usage.total)
