from django.db import migrations

# By ORDER BY and LIMIT, so that an index alone has the order. With min() the planner could read a whole table that was
# empty when it was analyzed.
NEXT_DUE_SQL = """
least((SELECT sweep_at FROM task_schedule WHERE sweep_at > announced ORDER BY sweep_at LIMIT 1),
      (SELECT dispatch_at FROM task WHERE dispatch_at > announced ORDER BY dispatch_at LIMIT 1))
"""
# Looks again and again until something is due, at most until the wait is over. Each look sees what was committed before
# it, and as each ends with a COMMIT, no snapshot is held for longer than the pause.
WAIT_SQL = f"""
CREATE OR REPLACE PROCEDURE wait_until_due(
    announced timestamptz, wait float8, look float8, INOUT due timestamptz, INOUT moment timestamptz)
LANGUAGE plpgsql AS $$
DECLARE
    ends timestamptz := clock_timestamp() + make_interval(secs => wait);
BEGIN
    LOOP
        SELECT {NEXT_DUE_SQL}, clock_timestamp() INTO due, moment;
        EXIT WHEN due <= moment OR moment >= ends;
        COMMIT;
        PERFORM pg_sleep(least(look, extract(epoch FROM least(due, ends) - moment)));
    END LOOP;
END $$
"""


class Migration(migrations.Migration):
    safe_because = "the release before does not call the procedure"

    dependencies = [
        ('schedules', '0015_pieces_of_all_names_go'),
    ]

    operations = [
        migrations.RunSQL(
            [WAIT_SQL], "DROP PROCEDURE wait_until_due(timestamptz, float8, float8, timestamptz, timestamptz)"
        ),
    ]
