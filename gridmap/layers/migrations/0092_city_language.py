"""In which language a city writes to groups and mailboxes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("layers", "0091_set_aside")]

    operations = [
        migrations.AddField(
            model_name="city",
            name="language",
            field=models.CharField(
                choices=[("zh-hans", "中文"), ("en", "English")],
                db_default="zh-hans",
                default="zh-hans",
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="city",
            constraint=models.CheckConstraint(
                condition=models.Q(("language__in", ["zh-hans", "en"])), name="city_language"
            ),
        ),
    ]
