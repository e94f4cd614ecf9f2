from django.db import migrations

from gridmap.layers.sql import read


class Migration(migrations.Migration):
    dependencies = [("layers", "0022_plans")]
    operations = [migrations.RunSQL(read("0023_plan_invariants"))]
