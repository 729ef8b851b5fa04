from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('schedules', '0009_pieces_of_names'),
    ]

    operations = [
        migrations.AddField(
            model_name='taskschedule',
            name='project_id',
            field=models.IntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name='taskschedule',
            name='created_by',
            field=models.TextField(help_text='who created it, where somebody is known: key:<id>', null=True),
        ),
    ]
