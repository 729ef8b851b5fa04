from django.db import migrations

from tasks_api.concurrent_indexes import RetireIndex


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('tasks_api', '0012_lists_of_projects'),
    ]

    operations = [
        RetireIndex(model_name='task', name='task_by_status'),
        RetireIndex(model_name='task', name='task_by_operation'),
        RetireIndex(model_name='task', name='task_by_tag'),
    ]
