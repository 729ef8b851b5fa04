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
from misc.chaos.faults import FAULTS
from misc.chaos.load import Load, probe
from misc.chaos.scene import Fault, Healed, Scene
from misc.chaos.service import Service, happens, running_service

HEAL_SECONDS = 120
QUIET_SECONDS = 180
GATES_SECONDS = 10
"""By then a sweep has opened the gates behind which nothing waits any more, and sealed the audit log."""
BREATH_SECONDS = 1.0
BETWEEN_SECONDS = 1.0
"""At most, between the two faults of a pair."""

Say = Callable[[str], None]


class Recovery(NamedTuple):
    """When two faults struck, how long after the second a new task was done, and how long after each all was as before
    it."""

    faults: tuple[str, ...]
    at: float
    served: float
    healed: tuple[float, ...]


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
    load: Load,
    seed: int,
    folder: Path,
    *,
    broker: str = "valkey",
    faults: Iterable[Fault] = FAULTS,
    sabotage: str = "",
    say: Say,
) -> Verdict:
    """Put a service in `folder` under load, break it, and judge it. `sabotage`: SQL to run before anything else."""
    with running_service(folder, broker) as service:
        say("the service is up: two workers, two sweepers, two beats")
        if sabotage:
            service.rows(sabotage)
        with closing(Shopper(service, chance_of(seed, 1))) as shopper:
            scene = Scene(service, chance_of(seed, 2), load, shopper.insist)
            shopper.order_schedules(load)
            order = chance_of(seed, 3)
            rounds = [list(pairs(order, list(faults))) for _ in range(load.rounds)]
            recoveries = _break(scene, shopper, load, rounds, say)
        _await_silence(service, say)
        lines = ledger.read(service.ledger_path)
        evidence = collect(service.rows, shopper.heard, lines, scene.victims)
        return Verdict(evidence, audit(evidence), recoveries, service.refused())


def chosen_seed() -> int:
    """SEED of the environment, or any."""
    return int(os.environ.get("SEED") or secrets.randbelow(1_000_000))


def chance_of(seed: int, purpose: int) -> Random:
    """Each thread draws from its own, so that a seed means the same every time."""
    return Random(seed * 10 + purpose)  # noqa: S311 (to be repeated, not to be kept secret)


Pairs = list[list[Fault]]


def _break(scene: Scene, shopper: Shopper, load: Load, rounds: list[Pairs], say: Say) -> list[Recovery]:
    """Strike while the customer posts; return when both have done all they wanted."""
    began = time.monotonic()
    with ThreadPoolExecutor(2) as threads:
        shopping = threads.submit(shopper.shop, load)
        try:
            recoveries = list(_strike(_Attack(scene, shopper, threads), load, rounds, say))
        except BaseException:
            shopper.leave()
            raise
        shopping.result()
    say(f"{time.monotonic() - began:6.1f} s  everything was posted, nothing is broken any more")
    return recoveries


def _strike(attack: "_Attack", load: Load, rounds: list[Pairs], say: Say) -> Iterator[Recovery]:
    began = time.monotonic()
    for number, drawn in enumerate(rounds):
        for pair in drawn:
            # Each kind strikes once, however long that takes.
            if number and time.monotonic() - began > load.seconds:
                return
            recovery = attack.inflict(pair, began)
            say(_describe(recovery))
            yield recovery
            threading.Event().wait(BREATH_SECONDS)


def pairs(chance: Random, faults: list[Fault]) -> Iterator[list[Fault]]:
    """Each fault once, with another one; one more twice, if need be. Those that must strike first come first."""
    order = chance.sample(faults, len(faults))
    if len(order) % 2:
        order.append(chance.choice(order[:-1]))
    for first in range(0, len(order), 2):
        yield sorted(order[first : first + 2], key=lambda fault: not fault.is_first)


class _Attack:
    """Where to strike, and the customer who sees whether he is served."""

    def __init__(self, scene: Scene, shopper: Shopper, threads: ThreadPoolExecutor) -> None:
        self.scene = scene
        self._shopper = shopper
        self._threads = threads

    def inflict(self, pair: list[Fault], began: float) -> Recovery:
        """Strike twice, the second time before the service is over the first; return when it is over both."""
        scene, names = self.scene, tuple(fault.name for fault in pair)
        scene.prepare(pair)
        at, healings, since = time.monotonic(), list[Healed](), list[float]()
        for fault in pair:
            threading.Event().wait(scene.chance.uniform(0, BETWEEN_SECONDS) if healings else 0)
            healings.append(fault.strike(scene))
            since.append(time.monotonic())
        asked = self._threads.submit(self._shopper.insist, [probe()])
        served = lambda: asked.done() and _is_done(scene.service, asked.result()[0])  # noqa: E731
        times = _times_until([served, *healings], [since[-1], *since], ["service", *names])
        return Recovery(names, at - began, times[0], tuple(times[1:]))


def _times_until(conditions: list[Healed], since: list[float], names: list[str]) -> list[float]:
    """How long each took to come true. All are asked all the time: one may have to do something for another."""
    times: dict[int, float] = {}

    def look() -> bool:
        for number in set(range(len(conditions))) - times.keys():
            if happens(conditions[number], 0):
                times[number] = time.monotonic() - since[number]
        return len(times) == len(conditions)

    if not happens(look, HEAL_SECONDS):
        missing = [name for number, name in enumerate(names) if number not in times]
        raise RuntimeError(f"within {HEAL_SECONDS} s no end of: {', '.join(missing)} (of {names[1:]})")
    return [times[number] for number in range(len(conditions))]


def _is_done(service: Service, task_id: str) -> bool:
    return service.rows("SELECT status FROM task WHERE id = %s", [task_id]) == [("SUCCESS",)]


def _await_silence(service: Service, say: Say) -> None:
    """What is not final in time is for the audit to tell."""
    began = time.monotonic()
    quiet = happens(service.is_quiet, QUIET_SECONDS)
    happens(service.is_open, GATES_SECONDS)
    happens(service.is_sealed, GATES_SECONDS)
    say(f"{'quiet' if quiet else 'NOT quiet'} after another {time.monotonic() - began:.1f} s")


def _describe(recovery: Recovery) -> str:
    healed = " and ".join(f"{seconds:.1f} s" for seconds in recovery.healed)
    return (
        f"{recovery.at:6.1f} s  {' + '.join(recovery.faults):64} "
        f"a new task was done after {recovery.served:5.1f} s, healed after {healed}"
    )


def summary(verdict: Verdict) -> Iterator[str]:
    """What happened, in a few lines, and every finding."""
    evidence = verdict.evidence
    customer = evidence.customer
    accepted = sum(map(len, customer.accepted.values()))
    yield f"tasks: {_counts(task.status for task in evidence.tasks)}; {accepted} posted, the rest scheduled"
    yield f"tries without a result: {_counts(row.outcome for row in evidence.attempts)}"
    yield f"occurrences of {len(customer.schedules)} schedules: {_occurrences(evidence)}"
    sealed = sum(len(chain.links) for chain in evidence.chains)
    yield f"audit log: {sealed} events sealed in {len(evidence.chains)} chains"
    yield f"cancelled: {len(customer.revoked)} at once, {len(customer.asked)} while they ran"
    yield f"batches without an answer: {len(customer.doubtful)}"
    yield f"outside ledger: {len(evidence.lines)} lines; tries killed or frozen: {len(evidence.victims)}"
    yield f"results that came too late and were refused: {verdict.refused}"
    yield from _by_fault(verdict.recoveries)
    yield from (f"FOUND {finding.check}: {finding.text}" for finding in verdict.findings[:50])
    yield f"{len(verdict.findings)} findings" if verdict.findings else "0 lost, 0 doubled, all explained"


def _by_fault(recoveries: list[Recovery]) -> Iterator[str]:
    """Of each fault, how long it took to get over it each time."""
    times: dict[str, list[float]] = {}
    for recovery in recoveries:
        for fault, seconds in zip(recovery.faults, recovery.healed, strict=True):
            times.setdefault(fault, []).append(seconds)
    for fault, each in sorted(times.items()):
        yield f"{fault}: healed after {', '.join(f'{seconds:.1f}' for seconds in each)} s"


def _counts(words: Iterable[str]) -> str:
    return ", ".join(f"{n} {word}" for word, n in sorted(Counter(words).items())) or "none"


def _occurrences(evidence: Evidence) -> str:
    return _counts(row.outcome for row in evidence.occurrences for _ in range(row.size))
