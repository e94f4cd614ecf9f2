"""The words under which the administration keeps lines and duty points."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("layers", "0062_service_has_hours"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="communityline",
            options={
                "ordering": ["community__code", "-valid"],
                "verbose_name": "社区热线",
                "verbose_name_plural": "社区热线",
            },
        ),
        migrations.AlterModelOptions(
            name="dutypoint",
            options={
                "ordering": ["code"],
                "verbose_name": "值守点",
                "verbose_name_plural": "值守点",
            },
        ),
    ]
