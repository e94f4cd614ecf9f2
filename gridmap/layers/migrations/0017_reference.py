import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models

from gridmap.layers.sql import read


class Migration(migrations.Migration):
    dependencies = [
        ("layers", "0015_revocation"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="category",
            options={
                "ordering": ["code"],
                "verbose_name": "事件类别",
                "verbose_name_plural": "事件类别",
            },
        ),
        migrations.AlterModelOptions(
            name="city",
            options={"verbose_name": "城市", "verbose_name_plural": "城市"},
        ),
        migrations.AlterModelOptions(
            name="department",
            options={
                "ordering": ["rank", "code"],
                "verbose_name": "部门",
                "verbose_name_plural": "部门",
            },
        ),
        migrations.AlterModelOptions(
            name="posting",
            options={"verbose_name": "授权", "verbose_name_plural": "授权"},
        ),
        migrations.CreateModel(
            name="CalendarDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField()),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("work", "工作日"),
                            ("rest", "休息日"),
                            ("holiday", "法定节假日"),
                            ("make_up", "调休上班"),
                        ],
                        max_length=8,
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=40)),
                ("source", models.CharField(max_length=120)),
                (
                    "city",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="calendar_days",
                        to="layers.city",
                    ),
                ),
            ],
            options={
                "verbose_name": "日历",
                "verbose_name_plural": "日历",
                "ordering": ["day"],
                "constraints": [
                    models.UniqueConstraint(fields=("city", "day"), name="calendarday_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["work", "rest", "holiday", "make_up"])),
                        name="calendarday_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source", ""), _negated=True),
                        name="calendarday_has_source",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="CitySetting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        choices=[
                            ("cell_households", "基础网格户数范围"),
                            ("small_number", "小数保护下限（k）"),
                            ("chief_days", "任期到期提前提醒（天）"),
                            ("chief_objects", "一人负责对象上限"),
                        ],
                        max_length=20,
                    ),
                ),
                ("value", models.CharField(max_length=20)),
                ("valid", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                (
                    "city",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="own_settings",
                        to="layers.city",
                    ),
                ),
            ],
            options={
                "verbose_name": "城市参数",
                "verbose_name_plural": "城市参数",
                "ordering": ["name", "-valid"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "name__in",
                                ["cell_households", "small_number", "chief_days", "chief_objects"],
                            )
                        ),
                        name="citysetting_name",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("name", "cell_households"),
                                ("value__regex", "^[1-9]\\d{0,4}-[1-9]\\d{0,4}$"),
                            ),
                            models.Q(
                                models.Q(("name", "cell_households"), _negated=True),
                                ("value__regex", "^[1-9]\\d{0,4}$"),
                            ),
                            _connector="OR",
                        ),
                        name="citysetting_value_form",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("valid__isempty", False)), name="citysetting_valid_some"
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[("city", "="), ("name", "="), ("valid", "&&")],
                        name="citysetting_one_at_a_time",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="WorkSlot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("season", models.CharField(max_length=20)),
                ("begins", models.TimeField()),
                ("ends", models.TimeField()),
                ("valid", django.contrib.postgres.fields.ranges.DateRangeField()),
                (
                    "city",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="work_slots",
                        to="layers.city",
                    ),
                ),
            ],
            options={
                "verbose_name": "作息时间",
                "verbose_name_plural": "作息时间",
                "ordering": ["valid", "begins"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("begins__lt", models.F("ends"))),
                        name="workslot_begins_before_end",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("valid__isempty", False)), name="workslot_valid_some"
                    ),
                ],
            },
        ),
        migrations.RunSQL(read("0017_reference")),
    ]
