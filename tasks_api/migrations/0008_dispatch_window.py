import django.db.models.functions.datetime
from django.db import migrations, models

class Migration(migrations.Migration):

    dependencies = [
        ('tasks_api', '0007_node_failures'),
    ]

    operations = [
        migrations.CreateModel(
            name='DispatchWindow',
            fields=[
                ('priority', models.SmallIntegerField(primary_key=True, serialize=False)),
                ('size', models.IntegerField(default=200)),
                ('filled', models.IntegerField(default=0, help_text='how many messages there were after it was filled up last; 0: not since it was open')),
                ('filled_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('held_until', models.DateTimeField(help_text='until when the process that fills it has it for itself', null=True)),
            ],
            options={
                'db_table': 'dispatch_window',
            },
        ),
        migrations.CreateModel(
            name='DispatchGate',
            fields=[
                ('priority', models.SmallIntegerField(primary_key=True, serialize=False)),
                ('is_open', models.BooleanField(default=True)),
            ],
            options={
                'db_table': 'dispatch_gate',
            },
        ),
        migrations.AddField(
            model_name='workernode',
            name='slots',
            field=models.SmallIntegerField(help_text='how many tasks a worker runs at once', null=True),
        ),
        migrations.AlterField(
            model_name='task',
            name='dispatch_at',
            field=models.DateTimeField(help_text='when to hand a waiting task to the broker (again); -infinity: as soon as there is room for it', null=True),
        ),
    ]
