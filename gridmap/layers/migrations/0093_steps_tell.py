"""Each step keeps how its incident stood: who led and helped, how urgent, by when it was due."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from gridmap.layers.sql import read


class Migration(migrations.Migration):
    dependencies = [("layers", "0092_city_language")]

    operations = [
        migrations.AddField(
            model_name="step",
            name="case_due",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="step",
            name="case_soon_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="step",
            name="helpers",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(),
                blank=True,
                db_default=models.Value("{}"),
                default=list,
                editable=False,
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="step",
            name="lead",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="layers.department",
            ),
        ),
        migrations.AddField(
            model_name="step",
            name="urgent",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddConstraint(
            model_name="step",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("case_due__isnull", True),
                    ("case_soon_at__isnull", True),
                    ("case_soon_at__lte", models.F("case_due")),
                    _connector="OR",
                ),
                name="step_case_soon_before_due",
            ),
        ),
        migrations.RunSQL(read("0093_steps_tell")),
    ]
