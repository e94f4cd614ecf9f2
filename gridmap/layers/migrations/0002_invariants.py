from django.db import migrations

from gridmap.layers.sql import read


class Migration(migrations.Migration):
    dependencies = [("layers", "0001_tables")]
    operations = [migrations.RunSQL(read("0002_invariants"))]
