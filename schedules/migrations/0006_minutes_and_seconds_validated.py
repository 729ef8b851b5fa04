from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('schedules', '0005_minutes_and_seconds'),
    ]

    operations = [
        ValidateConstraint(model_name='taskschedule', name='task_schedule_one_rule'),
    ]
