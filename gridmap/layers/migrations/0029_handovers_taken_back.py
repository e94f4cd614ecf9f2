import django.db.models.deletion
from django.db import migrations, models

from gridmap.layers.sql import read


class Migration(migrations.Migration):
    dependencies = [("layers", "0028_call_rates")]
    operations = [
        migrations.AlterField(
            model_name="handover",
            name="after",
            field=models.OneToOneField(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="taken_over",
                to="layers.chiefterm",
            ),
        ),
        migrations.RunSQL(read("0029_handovers_taken_back")),
    ]
