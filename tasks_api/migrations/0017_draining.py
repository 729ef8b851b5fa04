from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tasks_api', '0016_rolled_at'),
    ]

    operations = [
        migrations.AddField(
            model_name='workernode',
            name='draining_since',
            field=models.DateTimeField(
                help_text='somebody asked it to stop, or it was told to by a signal', null=True
            ),
        ),
        migrations.AddField(
            model_name='workernode',
            name='version',
            field=models.TextField(help_text='of Punctual', null=True),
        ),
        migrations.AddField(
            model_name='workernode',
            name='time_zone_data',
            field=models.TextField(help_text='the release of it that is installed there', null=True),
        ),
        migrations.AddField(
            model_name='workernode',
            name='clock_offset_seconds',
            field=models.FloatField(
                help_text="by how much its machine's clock is ahead of the database's", null=True
            ),
        ),
    ]
