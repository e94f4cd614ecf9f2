from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("layers", "0029_handovers_taken_back")]
    operations = [
        migrations.RemoveConstraint(model_name="incident", name="incident_number_once"),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.UniqueConstraint(
                fields=["city", "number"],
                name="incident_number_once",
                opclasses=["int8_ops", "varchar_pattern_ops"],
            ),
        ),
    ]
