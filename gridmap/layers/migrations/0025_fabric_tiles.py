from django.db import migrations

from gridmap.layers.sql import read


class Migration(migrations.Migration):
    dependencies = [("layers", "0024_places_of_borders")]
    operations = [migrations.RunSQL(read("0025_fabric_tiles"))]
