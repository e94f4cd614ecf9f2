from django.db import migrations

from gridmap.layers.sql import read


class Migration(migrations.Migration):
    dependencies = [("layers", "0005_display")]
    operations = [migrations.RunSQL(read("0006_overlay"))]
