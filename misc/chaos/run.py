"""One run: load, faults, silence, audit."""

import os
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import NamedTuple

from misc.chaos import ledger
from misc.chaos.audit import Finding, audit
from misc.chaos.customer import Shopper
from misc.chaos.evidence import Evidence, collect
from misc.chaos.faults import FAULTS, Fault, Scene
from misc.chaos.load import Load, long_ones, probe
from misc.chaos.service import Service, happens, running_service

HEAL_SECONDS = 120
QUIET_SECONDS = 180
BREATH_SECONDS = 1.0

Say = Callable[[str], None]


class Recovery(NamedTuple):
    """How long after a fault a new task was done, and how long until all was as before."""

    fault: str
    at: float
    served: float
    healed: float


@dataclass(slots=True)
class Verdict:
    """What a run brought to light."""

    evidence: Evidence
    findings: list[Finding]
    recoveries: list[Recovery]
    refused: int
    """Results of processes that were taken for dead, and came back too late."""

    def red(self) -> set[str]:
        """The checks that failed."""
        return {finding.check for finding in self.findings}


def run(
    load: Load, seed: int, folder: Path, *, faults: Iterable[Fault] = FAULTS, sabotage: str = "", say: Say
) -> Verdict:
    """Put a service in `folder` under load, break it, and judge it. `sabotage`: SQL to run before anything else."""
    with running_service(folder) as service:
        say("the service is up: two workers, two sweepers, two beats")
        if sabotage:
            service.rows(sabotage)
        with closing(Shopper(service, _chance(seed, 1))) as shopper:
            scene = Scene(service, _chance(seed, 2), lambda number: shopper.insist(long_ones(number)))
            shopper.order_schedules(load)
            recoveries = _break(scene, shopper, load, list(faults), say)
        _await_silence(service, say)
        lines = ledger.read(service.ledger_path)
        evidence = collect(service.rows, shopper.heard, lines, scene.victims)
        return Verdict(evidence, audit(evidence), recoveries, service.refused())


def chosen_seed() -> int:
    """SEED of the environment, or any."""
    return int(os.environ.get("SEED") or secrets.randbelow(1_000_000))


def _chance(seed: int, purpose: int) -> Random:
    """Each thread draws from its own, so that a seed means the same every time."""
    return Random(seed * 10 + purpose)  # noqa: S311 (to be repeated, not to be kept secret)


def _break(scene: Scene, shopper: Shopper, load: Load, faults: list[Fault], say: Say) -> list[Recovery]:
    """Strike while the customer posts; return when both have done all they wanted."""
    began = time.monotonic()
    with ThreadPoolExecutor(1) as threads:
        shopping = threads.submit(shopper.shop, load)
        try:
            recoveries = list(_strike(scene, shopper, load, faults, say))
        except BaseException:
            shopper.leave()
            raise
        shopping.result()
    say(f"{time.monotonic() - began:6.1f} s  everything was posted, nothing is broken any more")
    return recoveries


def _strike(scene: Scene, shopper: Shopper, load: Load, faults: list[Fault], say: Say) -> Iterator[Recovery]:
    began = time.monotonic()
    for number, fault in enumerate(_order(scene.chance, faults, load.rounds)):
        # Each kind strikes once, however long that takes.
        if number >= len(faults) and time.monotonic() - began > load.seconds:
            return
        recovery = _inflict(fault, scene, shopper, began)
        say(_describe(recovery))
        yield recovery
        threading.Event().wait(BREATH_SECONDS)


def _order(chance: Random, faults: list[Fault], rounds: int) -> Iterator[Fault]:
    for _ in range(rounds):
        yield from chance.sample(faults, len(faults))


def _inflict(fault: Fault, scene: Scene, shopper: Shopper, began: float) -> Recovery:
    struck = time.monotonic()
    healed = fault.strike(scene)
    ill_since = time.monotonic()
    asked = shopper.insist([probe()])[0]
    served = _time_until(lambda: _is_done(scene.service, asked), ill_since, f"service after: {fault.name}")
    return Recovery(
        fault.name, struck - began, served, _time_until(healed, ill_since, f"healing after: {fault.name}")
    )


def _time_until(condition: Callable[[], bool], since: float, what: str) -> float:
    if not happens(condition, HEAL_SECONDS):
        raise RuntimeError(f"no {what}, within {HEAL_SECONDS} s")
    return time.monotonic() - since


def _is_done(service: Service, task_id: str) -> bool:
    return service.rows("SELECT status FROM task WHERE id = %s", [task_id]) == [("SUCCESS",)]


def _await_silence(service: Service, say: Say) -> None:
    """What is not final in time is for the audit to tell."""
    began = time.monotonic()
    quiet = happens(service.is_quiet, QUIET_SECONDS)
    say(f"{'quiet' if quiet else 'NOT quiet'} after another {time.monotonic() - began:.1f} s")


def _describe(recovery: Recovery) -> str:
    return (
        f"{recovery.at:6.1f} s  {recovery.fault:32} "
        f"a new task was done after {recovery.served:5.1f} s, healed after {recovery.healed:5.1f} s"
    )


def summary(verdict: Verdict) -> Iterator[str]:
    """What happened, in a few lines, and every finding."""
    evidence = verdict.evidence
    customer = evidence.customer
    accepted = sum(map(len, customer.accepted.values()))
    yield f"tasks: {_counts(task.status for task in evidence.tasks)}; {accepted} posted, the rest scheduled"
    yield f"tries without a result: {_counts(row.outcome for row in evidence.attempts)}"
    yield f"occurrences of {len(customer.schedules)} schedules: {_occurrences(evidence)}"
    yield f"cancelled: {len(customer.revoked)} at once, {len(customer.asked)} while they ran"
    yield f"batches without an answer: {len(customer.doubtful)}"
    yield f"outside ledger: {len(evidence.lines)} lines; tries killed or frozen: {len(evidence.victims)}"
    yield f"results that came too late and were refused: {verdict.refused}"
    yield from (f"FOUND {finding.check}: {finding.text}" for finding in verdict.findings[:50])
    yield f"{len(verdict.findings)} findings" if verdict.findings else "0 lost, 0 doubled, all explained"


def _counts(words: Iterable[str]) -> str:
    return ", ".join(f"{n} {word}" for word, n in sorted(Counter(words).items())) or "none"


def _occurrences(evidence: Evidence) -> str:
    return _counts(row.outcome for row in evidence.occurrences for _ in range(row.size))
