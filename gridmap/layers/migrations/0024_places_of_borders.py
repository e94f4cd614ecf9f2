from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("layers", "0023_plan_invariants")]

    operations = [
        migrations.AddField(
            model_name="publication",
            name="carried",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="unitedge",
            name="place",
            field=models.PositiveIntegerField(default=0),
            preserve_default=False,
        ),
        migrations.RemoveConstraint(model_name="unit", name="unit_uid_form"),
        migrations.AddConstraint(
            model_name="unit",
            constraint=models.CheckConstraint(
                condition=Q(uid__regex=r"^[A-Za-z]\S*$"), name="unit_uid_form"
            ),
        ),
        migrations.AddConstraint(
            model_name="unitedge",
            constraint=models.UniqueConstraint(
                fields=("fabric", "place"), name="unitedge_place_once"
            ),
        ),
    ]
