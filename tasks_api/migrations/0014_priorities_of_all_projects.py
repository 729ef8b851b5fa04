from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    safe_because = "the release before does not have this index"

    atomic = False

    dependencies = [
        ('tasks_api', '0013_lists_of_all_projects'),
    ]

    operations = [
        RemoveIndexConcurrently(model_name='task', name='task_by_priority'),
    ]
