from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('schedules', '0021_forecast'),
    ]

    operations = [
        migrations.AlterField(
            model_name='occurrence',
            name='outcome',
            field=models.TextField(choices=[('created', 'created'), ('queued', 'queued'), ('moved', 'moved'), ('changed', 'changed'), ('overridden', 'overridden'), ('error', 'error'), ('skipped_overlap', 'skipped_overlap'), ('skipped_quota', 'skipped_quota'), ('skipped_no_file', 'skipped_no_file'), ('missed', 'missed'), ('coalesced', 'coalesced'), ('paused', 'paused')]),
        ),
    ]
