"""Departments see on the map what they help with."""

from django.db import migrations

from gridmap.layers.sql import read


class Migration(migrations.Migration):
    dependencies = [("layers", "0064_notices")]
    operations = [migrations.RunSQL(read("0070_helpers_see"))]
