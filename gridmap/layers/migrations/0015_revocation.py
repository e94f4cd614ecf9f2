from django.db import migrations

from gridmap.layers.sql import read


class Migration(migrations.Migration):
    dependencies = [("layers", "0014_areas")]
    operations = [migrations.RunSQL(read("0015_revocation"))]
