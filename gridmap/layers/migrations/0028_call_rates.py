from django.db import migrations

from gridmap.layers.sql import read


class Migration(migrations.Migration):
    dependencies = [("layers", "0027_worker_index")]
    operations = [migrations.RunSQL(read("0028_call_rates"))]
