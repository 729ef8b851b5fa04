from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import Q

NO_INTERVAL = Q(every_x_days=None, every_x_hours=None, every_x_minutes=None, every_x_seconds=None)


class Migration(migrations.Migration):
    safe_because = (
        "the release before leaves the new columns null, and then the new constraint asks for the same as the old one"
    )

    dependencies = [
        ('schedules', '0004_control'),
    ]

    operations = [
        migrations.AddField(
            model_name='taskschedule',
            name='every_x_minutes',
            field=models.IntegerField(null=True),
        ),
        migrations.AddField(
            model_name='taskschedule',
            name='every_x_seconds',
            field=models.IntegerField(null=True),
        ),
        migrations.RemoveConstraint(
            model_name='taskschedule',
            name='task_schedule_one_rule',
        ),
        AddConstraintNotValid(
            model_name='taskschedule',
            constraint=models.CheckConstraint(
                name='task_schedule_one_rule',
                condition=~NO_INTERVAL & Q(cron=None, rrule=None, run_at=None)
                | NO_INTERVAL & Q(cron__isnull=False, rrule=None, run_at=None)
                | NO_INTERVAL & Q(cron=None, rrule__isnull=False, run_at=None)
                | NO_INTERVAL & Q(cron=None, rrule=None, run_at__isnull=False),
            ),
        ),
    ]
