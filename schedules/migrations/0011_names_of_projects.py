from django.db import migrations, models

from tasks_api.concurrent_indexes import AddUniqueConcurrently


class Migration(migrations.Migration):
    safe_because = (
        "it refuses nothing that the constraint of the release before lets pass, whose names are all of the default "
        "project; its name begins with task_schedule_name, by which that release tells a name that is taken"
    )

    atomic = False

    dependencies = [
        ('schedules', '0010_projects'),
    ]

    operations = [
        AddUniqueConcurrently(
            model_name='taskschedule',
            constraint=models.UniqueConstraint(fields=('name', 'project_id'), name='task_schedule_name_of_project'),
        ),
    ]
