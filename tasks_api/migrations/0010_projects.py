from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tasks_api', '0009_task_backlog'),
    ]

    operations = [
        migrations.AddField(
            model_name='task',
            name='project_id',
            field=models.IntegerField(db_default=1, default=1, help_text='no foreign key, which each INSERT would have to look up: a project is never deleted'),
        ),
        migrations.AddField(
            model_name='task',
            name='created_by',
            field=models.TextField(help_text='who submitted it, where somebody is known: key:<id>', null=True),
        ),
        migrations.AddField(
            model_name='task',
            name='request_id',
            field=models.TextField(help_text='of the request with which somebody did', null=True),
        ),
    ]
