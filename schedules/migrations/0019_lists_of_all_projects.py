from django.db import migrations

from tasks_api.concurrent_indexes import RetireIndex


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('schedules', '0018_lists_of_projects'),
    ]

    operations = [
        RetireIndex(model_name='taskschedule', name='task_schedule_by_operation'),
        RetireIndex(model_name='taskschedule', name='task_schedule_by_tag'),
        RetireIndex(model_name='taskschedule', name='task_schedule_by_status'),
    ]
