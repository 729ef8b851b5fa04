import django.contrib.postgres.fields
import django.contrib.postgres.indexes
from django.db import migrations, models

from tasks_api.concurrent_indexes import AddIndexConcurrently


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('schedules', '0017_tags_of_projects'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='taskschedule',
            index=models.Index(models.F('project_id'), models.OrderBy(models.F('id'), descending=True), name='schedule_project'),
        ),
        AddIndexConcurrently(
            model_name='taskschedule',
            index=models.Index(models.F('project_id'), models.F('operation'), models.OrderBy(models.F('id'), descending=True), name='schedule_project_operation'),
        ),
        AddIndexConcurrently(
            model_name='taskschedule',
            index=models.Index(models.F('project_id'), models.F('status'), models.OrderBy(models.F('id'), descending=True), name='schedule_project_status'),
        ),
        AddIndexConcurrently(
            model_name='taskschedule',
            index=django.contrib.postgres.indexes.GinIndex(models.Func('project_id', 'tags', function='project_tags', output_field=django.contrib.postgres.fields.ArrayField(models.TextField(), size=None)), condition=models.Q(('tags', []), _negated=True), name='schedule_project_tag'),
        ),
    ]
