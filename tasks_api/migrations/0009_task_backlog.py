import django.db.models.functions.comparison
from django.db import migrations, models

from tasks_api.concurrent_indexes import AddIndexConcurrently


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('tasks_api', '0008_dispatch_window'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='task',
            index=models.Index(models.OrderBy(models.F('priority'), descending=True), models.F('id'), condition=models.Q(('dispatch_at', django.db.models.functions.comparison.Cast(models.Value('-infinity'), models.DateTimeField()))), name='task_backlog'),
        ),
        AddIndexConcurrently(
            model_name='task',
            index=models.Index(models.F('priority'), models.F('dispatch_at'), condition=models.Q(('dispatch_at__isnull', False), ('dispatch_count__gt', 0)), name='task_sent'),
        ),
    ]
