from django.db import migrations

from gridmap.layers.sql import read


class Migration(migrations.Migration):
    dependencies = [("layers", "0013_signs")]
    operations = [migrations.RunSQL(read("0026_call_rates"))]
