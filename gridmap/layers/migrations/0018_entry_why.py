from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("layers", "0009_one_city")]
    operations = [
        migrations.AddField("entry", "why", models.TextField(blank=True)),
    ]
