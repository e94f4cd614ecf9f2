import django.db.models.deletion
from django.db import migrations, models

from gridmap.layers.sql import read


class Migration(migrations.Migration):
    dependencies = [
        ("layers", "0017_reference"),
    ]

    operations = [
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=40)),
                ("phone", models.CharField(max_length=30)),
                (
                    "incident",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contact",
                        to="layers.incident",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("phone__regex", "^\\+?[0-9][0-9 -]{4,27}[0-9]$")),
                        name="contact_phone_form",
                    )
                ],
            },
        ),
        migrations.RunSQL(read("0020_contacts")),
    ]
