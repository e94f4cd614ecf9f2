from django.db import migrations

from gridmap.layers.sql import read


class Migration(migrations.Migration):
    dependencies = [("layers", "0025_fabric_tiles")]
    operations = [migrations.RunSQL(read("0021_call_rates"))]
