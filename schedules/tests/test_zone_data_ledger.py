"""Other time zone data, and what the ledger knows of instants to come."""

from schedules.actions.overriding import Override
from schedules.models import ZoneData
from schedules.sweep import zone_data
from schedules.sweep.sweeper import Sweeper
from schedules.tests.acting import put_override
from schedules.tests.conftest import NOON, NewSchedule
from schedules.tests.lives import at, fresh, sweep_for
from testing.clock import Clock
from testing.ledger import assert_covers


def test_one_that_ran_ahead_of_its_time_hides_none_before_it(new_schedule: NewSchedule, clock: Clock) -> None:
    schedule = new_schedule(cron="* * * * *", timezone="Europe/Berlin")
    sweep_for(clock, 0)
    put_override(schedule.id, at(4), Override(run_at=at(0.5)))
    clock.set(at(0.5))
    Sweeper().sweep()
    ZoneData.objects.update(version="another", digests={})
    assert zone_data.adopt() == 0
    assert fresh(schedule).next_run_at == at(1)
    clock.set(at(0.75))
    sweep_for(clock, 5)
    assert_covers(schedule.id, [(schedule.spec, NOON, clock.now())])
