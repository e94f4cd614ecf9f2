"""Two reports of one matter are one case: the later one ends as joined."""

from django.db import migrations

from gridmap.layers.sql import read


class Migration(migrations.Migration):
    dependencies = [("layers", "0095_source_office")]
    operations = [migrations.RunSQL(read("0096_joined"))]
