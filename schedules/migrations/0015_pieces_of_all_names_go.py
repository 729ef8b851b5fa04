from importlib import import_module

from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations

before = import_module("schedules.migrations.0007_names")


class Migration(migrations.Migration):
    safe_because = "the release before does not know the table, and searches names without it"

    atomic = False

    dependencies = [
        ('schedules', '0014_index_of_names_of_projects'),
    ]

    operations = [
        RemoveIndexConcurrently(
            model_name='schedulename',
            name='task_schedule_name_by_piece',
        ),
        migrations.RunSQL("DROP FUNCTION IF EXISTS task_schedule_name_pieces(text)", [before.PIECES_SQL]),
        migrations.RunSQL("DROP FUNCTION IF EXISTS task_schedule_name_query(text)", [before.QUERY_SQL]),
    ]
