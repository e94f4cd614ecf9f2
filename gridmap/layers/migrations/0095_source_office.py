"""What somebody of an office reports has a source of its own."""

from django.db import migrations, models

BEFORE = ["resident", "chief", "worker", "patrol", "hotline", "wechat"]
NAMES = [
    ("resident", "居民"),
    ("chief", "三长"),
    ("worker", "网格员"),
    ("patrol", "巡查"),
    ("hotline", "12345热线"),
    ("wechat", "微信群"),
    ("office", "街道社区"),
    ("import", "导入"),
]


class Migration(migrations.Migration):
    dependencies = [("layers", "0094_stood")]

    operations = [
        migrations.RemoveConstraint(model_name="incident", name="incident_source"),
        migrations.AlterField(
            model_name="incident",
            name="source",
            field=models.CharField(choices=NAMES, max_length=10),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(("source__in", [*BEFORE, "office", "import"])),
                name="incident_source",
            ),
        ),
    ]
