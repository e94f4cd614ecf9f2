from django.db import migrations

from gridmap.layers.sql import read


class Migration(migrations.Migration):
    dependencies = [("layers", "0052_patrols")]
    operations = [migrations.RunSQL(read("0033_cells_as_of"))]
