from django.db import migrations, models

from tasks_api.concurrent_indexes import AddIndexConcurrently


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('tasks_api', '0005_reports'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='task',
            index=models.Index(models.F('priority'), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('priority', 5), _negated=True), name='task_by_priority'),
        ),
    ]
