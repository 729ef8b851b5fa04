from django.db import migrations


class Migration(migrations.Migration):
    safe_because = "it lets ANALYZE count one thing more"

    dependencies = [
        ('schedules', '0016_waiting'),
        ('tasks_api', '0011_tags_of_projects'),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE STATISTICS task_schedule_project_tags ON project_tags(project_id, tags) FROM task_schedule",
            "DROP STATISTICS task_schedule_project_tags",
        ),
    ]
