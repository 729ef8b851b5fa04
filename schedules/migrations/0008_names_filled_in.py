from typing import Any

from django.db import migrations

CHUNK = 1_000

# No row of a schedule is locked, so that no sweep passes it over. Where a name changes meanwhile, that of the trigger
# stays. One that is taken away may leave its row here, which does no harm: what a search finds is compared with the
# schedule itself.
FILL_SQL = """
WITH portion AS MATERIALIZED (SELECT id, name FROM task_schedule WHERE id > %s ORDER BY id LIMIT %s),
filled AS (
    INSERT INTO task_schedule_name (schedule_id, folded) SELECT id, upper(name) FROM portion WHERE name IS NOT NULL
        ON CONFLICT (schedule_id) DO NOTHING)
SELECT id FROM portion ORDER BY id DESC LIMIT 1
"""


def fill_in(apps: Any, schema_editor: Any) -> None:
    """Each chunk is a transaction of its own, and what is there already stays: it may be interrupted and run again."""
    last = ["00000000-0000-0000-0000-000000000000"]
    with schema_editor.connection.cursor() as cursor:
        while last:
            cursor.execute(FILL_SQL, [*last, CHUNK])
            last = cursor.fetchone()


class Migration(migrations.Migration):
    safe_because = (
        "it writes only what the release before does not know, a thousand rows at a time; lists search by it as soon "
        "as they are put in place, so it cannot be left to the sweep"
    )

    atomic = False

    dependencies = [
        ('schedules', '0007_names'),
    ]

    operations = [
        migrations.RunPython(fill_in, migrations.RunPython.noop),
    ]
