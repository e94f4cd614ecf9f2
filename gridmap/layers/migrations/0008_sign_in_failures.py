import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("layers", "0006_overlay")]
    operations = [
        migrations.CreateModel(
            name="SignInFailure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("mark", models.CharField(max_length=64)),
                ("at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
            ],
            options={
                "indexes": [models.Index(fields=["mark", "at"], name="signinfailure_recent")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("mark__regex", "^[0-9a-f]{64}$")),
                        name="signinfailure_mark_form",
                    )
                ],
            },
        ),
    ]
