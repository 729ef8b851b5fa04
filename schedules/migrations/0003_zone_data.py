from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('schedules', '0002_clock_changes'),
    ]

    operations = [
        migrations.CreateModel(
            name='ZoneData',
            fields=[
                ('id', models.SmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ('version', models.TextField(help_text="of the package tzdata")),
                ('digests', models.JSONField(help_text="of each zone's data, by its name")),
            ],
            options={
                'db_table': 'zone_data',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='zone_data_one_row')],
            },
        ),
    ]
