import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tasks_api', '0014_priorities_of_all_projects'),
    ]

    operations = [
        migrations.CreateModel(
            name='RollUpProgress',
            fields=[
                ('id', models.SmallIntegerField(primary_key=True, serialize=False)),
                ('rolled_to', models.DateTimeField(help_text='the minutes before this were rolled up after they had ended')),
                ('settled_to', models.DateTimeField(help_text='those before this are not rolled up again')),
                ('watched_to', models.DateTimeField(help_text='those before this are settled when every transaction has ended that had begun to write by then')),
                ('watched_xid', models.BigIntegerField(help_text='no such transaction has this id, or a greater one')),
                ('watched_at', models.DateTimeField(help_text='when that was noted')),
                ('history_to', models.DateTimeField(help_text='of what ended before this, nothing is rolled up yet; null: all is', null=True)),
                ('hours_to', models.DateTimeField(help_text='what ended before this is there by hours only', null=True)),
            ],
            options={
                'db_table': 'roll_up_progress',
            },
        ),
        migrations.CreateModel(
            name='RollUp',
            fields=[
                ('pk', models.CompositePrimaryKey('project_id', 'minute', 'operation', 'queue', 'outcome', blank=True, editable=False, primary_key=True, serialize=False)),
                ('project_id', models.IntegerField()),
                ('minute', models.DateTimeField(help_text='when it began')),
                ('operation', models.TextField()),
                ('queue', models.TextField()),
                ('outcome', models.TextField(help_text='success, failure, cancelled, expired')),
                ('count', models.BigIntegerField()),
                ('lateness_seconds', models.FloatField(help_text='from run_at to started_at')),
                ('waiting_seconds', models.FloatField(help_text='from created_at to started_at')),
                ('running_seconds', models.FloatField(help_text='from started_at to finished_at')),
                ('lateness_counts', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('waiting_counts', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('running_counts', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
            ],
            options={
                'db_table': 'roll_up',
                'indexes': [models.Index(models.F('minute'), name='roll_up_minute')],
            },
        ),
    ]
