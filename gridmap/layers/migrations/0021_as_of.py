from django.db import migrations

from gridmap.layers.sql import read


class Migration(migrations.Migration):
    dependencies = [("layers", "0019_history")]
    operations = [migrations.RunSQL(read("0021_as_of"))]
