import django.contrib.postgres.indexes
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tasks_api', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='IdempotencyKey',
            fields=[
                ('pk', models.CompositePrimaryKey('scope', 'key', blank=True, editable=False, primary_key=True, serialize=False)),
                ('scope', models.TextField(help_text='method and path')),
                ('key', models.TextField()),
                ('request_hash', models.BinaryField(help_text='SHA-256 of query and body: what the key stands for')),
                ('status', models.SmallIntegerField(help_text='of the answer')),
                ('ids', models.JSONField(help_text='of what was created; null where an item of a batch was refused')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'db_table': 'idempotency_key',
                'indexes': [models.Index(models.F('created_at'), name='idempotency_key_age')],
            },
        ),
        migrations.AddIndex(
            model_name='task',
            index=django.contrib.postgres.indexes.GinIndex(models.F('tags'), condition=models.Q(('tags', []), _negated=True), name='task_by_tag'),
        ),
    ]
