from django.db import migrations


class Migration(migrations.Migration):
    operations = [
        migrations.RunSQL("LOCK TABLE zone_data IN ACCESS EXCLUSIVE MODE"),
    ]
