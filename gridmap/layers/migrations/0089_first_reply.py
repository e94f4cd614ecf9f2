"""When a matter was said, how long the first reply took, and by which target a city is measured."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("layers", "0070_helpers_see"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="citysetting",
            name="citysetting_value_form",
        ),
        migrations.RemoveConstraint(
            model_name="citysetting",
            name="citysetting_name",
        ),
        migrations.RemoveConstraint(
            model_name="contest",
            name="contest_rate",
        ),
        migrations.AddField(
            model_name="incident",
            name="said_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="citysetting",
            name="name",
            field=models.CharField(
                choices=[
                    ("cell_households", "基础网格户数范围"),
                    ("small_number", "小数保护下限（k）"),
                    ("chief_days", "任期到期提前提醒（天）"),
                    ("chief_objects", "一人负责对象上限"),
                    ("border_metres", "责任边界距离（米）"),
                    ("reopen_days", "结案后可重开（天）"),
                    ("close_target", "按期结案目标（%）"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="citysetting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "name__in",
                        [
                            "cell_households",
                            "small_number",
                            "chief_days",
                            "chief_objects",
                            "border_metres",
                            "reopen_days",
                            "close_target",
                        ],
                    )
                ),
                name="citysetting_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="citysetting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("name", "cell_households"),
                        ("value__regex", "^[1-9]\\d{0,4}-[1-9]\\d{0,4}$"),
                    ),
                    models.Q(("name", "close_target"), ("value__regex", "^([1-9]\\d?|100)$")),
                    models.Q(
                        models.Q(("name__in", ["cell_households", "close_target"]), _negated=True),
                        ("value__regex", "^[1-9]\\d{0,4}$"),
                    ),
                    _connector="OR",
                ),
                name="citysetting_value_form",
            ),
        ),
        migrations.AddConstraint(
            model_name="contest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "rate__in",
                        [
                            "closed",
                            "closed_in_time",
                            "handled_in_time",
                            "rework",
                            "dispatched_right",
                            "dispatched_in_time",
                            "verified_in_time",
                            "filed_in_time",
                            "inspected_in_time",
                            "valid_reports",
                            "missed",
                            "satisfied",
                            "replied",
                        ],
                    )
                ),
                name="contest_rate",
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("said_at__isnull", True),
                    ("said_at__lte", models.F("reported_at")),
                    _connector="OR",
                ),
                name="incident_said_before_report",
            ),
        ),
    ]
