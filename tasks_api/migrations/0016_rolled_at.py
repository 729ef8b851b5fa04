from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tasks_api', '0015_roll_up'),
    ]

    operations = [
        migrations.AddField(
            model_name='rollupprogress',
            name='rolled_at',
            field=models.DateTimeField(help_text='when that was done last', null=True),
        ),
    ]
