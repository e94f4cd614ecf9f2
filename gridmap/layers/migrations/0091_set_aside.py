"""What was set aside is dropped by somebody, and says why it could not be told."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("layers", "0090_typed_fields")]

    operations = [
        migrations.RemoveConstraint(model_name="delivery", name="delivery_sent_has_time"),
        migrations.AddField(
            model_name="outbox",
            name="trouble",
            field=models.CharField(blank=True, db_default="", default="", max_length=80),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "待发"),
                    ("sent", "已送达"),
                    ("given_up", "没送到"),
                    ("unsure", "不知是否送达"),
                    ("dropped", "不再发"),
                ],
                default="waiting",
                max_length=8,
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state__in", ["given_up", "unsure"])),
                fields=["city"],
                name="delivery_aside",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("sent_at__isnull", False), ("state", "sent")),
                    models.Q(
                        ("sent_at", None),
                        ("state__in", ["waiting", "given_up", "unsure", "dropped"]),
                    ),
                    _connector="OR",
                ),
                name="delivery_sent_has_time",
            ),
        ),
    ]
