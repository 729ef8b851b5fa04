from django.db import migrations, models


class Migration(migrations.Migration):
    safe_because = (
        "the constraint of 0011 holds for the release before just what this one did, and finds a name as fast; it names "
        "neither in ON CONFLICT"
    )

    dependencies = [
        ('schedules', '0011_names_of_projects'),
    ]

    operations = [
        migrations.AlterField(
            model_name='taskschedule',
            name='name',
            field=models.TextField(null=True),
        ),
    ]
