import django.db.models.functions.datetime
import values.ids
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tasks_api', '0017_draining'),
    ]

    operations = [
        migrations.CreateModel(
            name='BulkAction',
            fields=[
                ('id', models.UUIDField(default=values.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('project_id', models.IntegerField()),
                ('action', models.TextField(help_text='what is done: retry, cancel, pause, ...')),
                ('filter', models.JSONField(help_text='to which ones: query parameters of their list')),
                ('parameters', models.JSONField(help_text='how it is done')),
                ('state', models.TextField(choices=[('pending', 'Pending'), ('running', 'Running'), ('done', 'Done'), ('failed', 'Failed'), ('cancelled', 'Cancelled')], default='pending')),
                ('turn_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), help_text='when the sweep goes on with it; null: never again', null=True)),
                ('last_id', models.UUIDField(help_text='all up to this one, in their order, were dealt with', null=True)),
                ('matched', models.IntegerField(help_text='how many there were at first, as far as they were counted')),
                ('is_matched_exact', models.BooleanField()),
                ('done', models.IntegerField(default=0)),
                ('refused', models.IntegerField(default=0)),
                ('refusals', models.JSONField(default=list, help_text='the first that were refused: id, code, detail')),
                ('error', models.TextField(null=True)),
                ('created_by', models.TextField(help_text='who asked for it, where somebody is known: key:<id>', null=True)),
                ('request_id', models.TextField(null=True)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'bulk_action',
            },
        ),
        migrations.AddField(
            model_name='task',
            name='fingerprint',
            field=models.TextField(help_text='of a failure: what makes others the same; null before there were any', null=True),
        ),
        migrations.AddIndex(
            model_name='bulkaction',
            index=models.Index(models.F('turn_at'), condition=models.Q(('turn_at__isnull', False)), name='bulk_action_turn'),
        ),
        migrations.AddIndex(
            model_name='bulkaction',
            index=models.Index(models.F('project_id'), models.OrderBy(models.F('id'), descending=True), name='bulk_action_of_project'),
        ),
        migrations.AddIndex(
            model_name='bulkaction',
            index=models.Index(models.F('finished_at'), condition=models.Q(('finished_at__isnull', False)), name='bulk_action_finished'),
        ),
    ]
