"""Real processes, really broken: once to see that the service gets over it, once to see that the audit would tell."""

from pathlib import Path

import pytest

from misc.chaos.faults import FEWER
from misc.chaos.load import SHORT, Load
from misc.chaos.run import chosen_seed, run, summary

pytestmark = [pytest.mark.acceptance, pytest.mark.chaos]

A_LITTLE = Load(tasks=100, schedules=4, seconds=6, rounds=0, windows=0)

SABOTAGE = """
CREATE FUNCTION spoil_an_end() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE fate int := mod((NEW.arguments->>'number')::int, 5);
BEGIN
    IF NEW.status <> 'SUCCESS' OR NEW.schedule_id IS NOT NULL THEN
        RETURN NEW;
    ELSIF fate = 1 THEN
        NEW.result := '0';
    ELSIF fate = 2 AND OLD.attempt = 1 AND NEW.version < 4 THEN  -- as if a claim asked for no state
        NEW.status := 'PENDING'; NEW.attempt := 0; NEW.result := NULL; NEW.finished_at := NULL;
        NEW.dispatch_at := clock_timestamp(); NEW.dispatch_count := 0;
    ELSIF fate = 3 THEN
        DELETE FROM task WHERE id = NEW.id;
        RETURN NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER spoil_an_end BEFORE UPDATE ON task FOR EACH ROW EXECUTE FUNCTION spoil_an_end();

CREATE FUNCTION make_another() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN  -- as if two sweeps did not know of each other
    NEW.id := gen_random_uuid();
    INSERT INTO task SELECT NEW.*;
    RETURN NULL;
END $$;
CREATE TRIGGER make_another AFTER INSERT ON task FOR EACH ROW
  WHEN (pg_trigger_depth() = 0 AND NEW.schedule_id IS NOT NULL) EXECUTE FUNCTION make_another();

CREATE FUNCTION forget_one() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM occurrence WHERE id = NEW.id
       AND schedule_id IN (SELECT id FROM task_schedule WHERE misfire_policy = 'run_last');
    RETURN NULL;
END $$;
CREATE TRIGGER forget_one AFTER INSERT ON occurrence FOR EACH ROW EXECUTE FUNCTION forget_one();

CREATE FUNCTION keep_closed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.is_open := false;
    RETURN NEW;
END $$;
CREATE TRIGGER keep_closed BEFORE UPDATE ON dispatch_gate FOR EACH ROW
  WHEN (NEW.priority = 5) EXECUTE FUNCTION keep_closed();
UPDATE dispatch_gate SET is_open = false WHERE priority = 5;

CREATE FUNCTION forge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN  -- as if an event were changed between being read and being sealed
    NEW.hash := sha256(NEW.hash);
    RETURN NEW;
END $$;
CREATE TRIGGER forge BEFORE INSERT ON audit_seal FOR EACH ROW EXECUTE FUNCTION forge();
"""


def test_the_service_gets_over_everything(tmp_path: Path) -> None:
    seed = chosen_seed()
    print(f"SEED={seed}")
    verdict = run(SHORT, seed, tmp_path, faults=FEWER, say=print)
    report = "\n".join([f"SEED={seed}", *summary(verdict)])
    assert verdict.findings == [], report
    assert {name for each in verdict.recoveries for name in each.faults} == {fault.name for fault in FEWER}
    assert verdict.evidence.victims, report
    assert verdict.refused, report
    assert {row.outcome for row in verdict.evidence.attempts} >= {"failed", "lost", "timeout"}, report


def test_the_audit_tells_when_guards_are_off(tmp_path: Path) -> None:
    verdict = run(A_LITTLE, chosen_seed(), tmp_path, faults=[], sabotage=SABOTAGE, say=print)
    assert verdict.red() == {
        "every_accepted_task_is_there",
        "every_line_is_of_a_known_try",  # the work of tasks that are gone
        "every_gate_is_open",
        "every_try_ran_once",
        "every_result_is_right",
        "every_instant_is_in_the_ledger_once",
        "every_scheduled_task_has_its_occurrence",
        "every_chain_is_intact",
    }, "\n".join(summary(verdict))
