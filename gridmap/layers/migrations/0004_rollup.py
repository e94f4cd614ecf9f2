from django.db import migrations

from gridmap.layers.sql import read


class Migration(migrations.Migration):
    dependencies = [("layers", "0003_place")]
    operations = [migrations.RunSQL(read("0004_rollup"))]
