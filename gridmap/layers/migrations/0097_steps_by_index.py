"""A step finds the one before it by the index, however few there were when its plan was made."""

from django.db import migrations

from gridmap.layers.sql import read


class Migration(migrations.Migration):
    dependencies = [("layers", "0096_joined")]
    operations = [migrations.RunSQL(read("0097_steps_by_index"))]
