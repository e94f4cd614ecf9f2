from django.db import migrations

from gridmap.layers.sql import read


class Migration(migrations.Migration):
    dependencies = [("layers", "0004_rollup")]
    operations = [migrations.RunSQL(read("0005_display"))]
