from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('schedules', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='taskschedule',
            name='dst_gap',
            field=models.TextField(default='auto', help_text='what becomes of times that a clock change skips'),
        ),
        migrations.AddField(
            model_name='taskschedule',
            name='dst_fold',
            field=models.TextField(default='auto', help_text='what becomes of times that a clock change repeats'),
        ),
    ]
