import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

from tasks_api.concurrent_indexes import AddIndexConcurrently


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('tasks_api', '0011_tags_of_projects'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='task',
            index=models.Index(models.F('project_id'), models.F('status'), models.OrderBy(models.F('id'), descending=True, nulls_last=True), name='task_project_status'),
        ),
        AddIndexConcurrently(
            model_name='task',
            index=models.Index(models.F('project_id'), models.F('operation'), models.OrderBy(models.F('id'), descending=True, nulls_last=True), name='task_project_operation'),
        ),
        AddIndexConcurrently(
            model_name='task',
            index=models.Index(models.F('project_id'), models.F('priority'), models.OrderBy(models.F('id'), descending=True, nulls_last=True), condition=models.Q(('priority', 5), _negated=True), name='task_project_priority'),
        ),
        AddIndexConcurrently(
            model_name='task',
            index=django.contrib.postgres.indexes.GinIndex(models.Func('project_id', 'tags', function='project_tags', output_field=django.contrib.postgres.fields.ArrayField(models.TextField(), size=None)), condition=models.Q(('tags', []), _negated=True), name='task_project_tag'),
        ),
    ]
