"""The share of those who are satisfied can be contested like every other."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("layers", "0063_names_of_lines"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="contest", name="contest_rate"),
        migrations.AddConstraint(
            model_name="contest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "rate__in",
                        [
                            "closed", "closed_in_time", "handled_in_time", "rework",
                            "dispatched_right", "dispatched_in_time", "verified_in_time",
                            "filed_in_time", "inspected_in_time", "valid_reports", "missed",
                            "satisfied",
                        ],
                    )
                ),
                name="contest_rate",
            ),
        ),
    ]  # fmt: skip
