from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("layers", "0058_pocket")]
    operations = [
        migrations.RemoveConstraint(model_name="serviceentry", name="serviceentry_hours"),
        migrations.AddConstraint(
            model_name="serviceentry",
            constraint=models.CheckConstraint(
                condition=Q(
                    kind__in=["service", "training"],
                    hours__isnull=False,
                    hours__gt=0,
                    hours__lte=24,
                )
                | Q(kind__in=["award", "evaluation"], hours=None, shift=None),
                name="serviceentry_hours",
            ),
        ),
    ]
