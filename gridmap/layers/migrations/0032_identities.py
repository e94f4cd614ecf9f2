import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("layers", "0042_evaluation"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="Identity",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "way",
                    models.CharField(
                        choices=[("oidc", "统一身份认证"), ("wechat", "微信")], max_length=8
                    ),
                ),
                ("subject", models.CharField(max_length=191)),
                ("linked_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="identities",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "外部身份",
                "verbose_name_plural": "外部身份",
                "ordering": ["user__username", "way"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("way", "subject"), name="identity_of_one_account"
                    ),
                    models.UniqueConstraint(fields=("user", "way"), name="identity_one_a_provider"),
                    models.CheckConstraint(
                        condition=models.Q(("way__in", ["oidc", "wechat"])), name="identity_way"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("subject__regex", "^[!-~]([ -~]*[!-~])?$")),
                        name="identity_subject_form",
                    ),
                ],
            },
        ),
    ]
