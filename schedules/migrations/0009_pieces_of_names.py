import django.contrib.postgres.indexes
from django.db import migrations, models

from tasks_api.concurrent_indexes import AddIndexConcurrently


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('schedules', '0008_names_filled_in'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='schedulename',
            index=django.contrib.postgres.indexes.GinIndex(models.Func('folded', function='task_schedule_name_pieces'), gin_pending_list_limit=256, name='task_schedule_name_by_piece'),
        ),
    ]
