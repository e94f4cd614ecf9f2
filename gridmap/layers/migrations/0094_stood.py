"""Steps tell how their incident stood, and the past is counted from them."""

from django.db import migrations

from gridmap.layers.sql import read


class Migration(migrations.Migration):
    dependencies = [("layers", "0093_steps_tell")]
    operations = [migrations.RunSQL(read("0094_stood"))]
