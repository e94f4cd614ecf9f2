from django.db import migrations

from gridmap.layers.sql import read


class Migration(migrations.Migration):
    dependencies = [("layers", "0008_sign_in_failures")]
    operations = [migrations.RunSQL(read("0009_one_city"))]
