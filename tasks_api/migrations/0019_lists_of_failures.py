from django.db import migrations, models

from tasks_api.concurrent_indexes import AddIndexConcurrently


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('tasks_api', '0018_failures'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='task',
            index=models.Index(condition=models.Q(('fingerprint__isnull', False), ('status', 'FAILURE')), fields=['project_id', '-finished_at'], include=('fingerprint', 'id'), name='task_failed'),
        ),
        AddIndexConcurrently(
            model_name='task',
            index=models.Index(models.F('project_id'), models.F('fingerprint'), models.OrderBy(models.F('id'), descending=True, nulls_last=True), condition=models.Q(('fingerprint__isnull', False), ('status', 'FAILURE')), name='task_project_fingerprint'),
        ),
    ]
