import django.contrib.postgres.indexes
from django.db import migrations, models

from tasks_api.concurrent_indexes import AddIndexConcurrently


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('schedules', '0013_pieces_of_names_of_projects'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='schedulename',
            index=django.contrib.postgres.indexes.GinIndex(models.Func('project_id', 'folded', function='task_schedule_name_pieces'), gin_pending_list_limit=256, name='task_schedule_name_in_project'),
        ),
    ]
