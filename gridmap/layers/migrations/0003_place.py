from django.db import migrations

from gridmap.layers.sql import read


class Migration(migrations.Migration):
    dependencies = [("layers", "0002_invariants")]
    operations = [migrations.RunSQL(read("0003_place"))]
