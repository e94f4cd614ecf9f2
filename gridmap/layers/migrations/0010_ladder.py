import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

from gridmap.layers.sql import read


class Migration(migrations.Migration):
    dependencies = [("layers", "0020_contacts")]
    operations = [
        migrations.AddField(
            model_name="chiefterm",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("leave", "请假"),
                    ("ill", "病休"),
                    ("training", "学习培训"),
                    ("away", "外出公干"),
                    ("vacancy", "空缺期间代管"),
                    ("other", "其他"),
                ],
                default="",
                max_length=10,
            ),
            preserve_default=False,
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="chiefterm",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="chiefterm",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="chiefterm",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="chieftermsnapshot",
            name="reason",
            field=models.CharField(
                blank=True,
                choices=[
                    ("leave", "请假"),
                    ("ill", "病休"),
                    ("training", "学习培训"),
                    ("away", "外出公干"),
                    ("vacancy", "空缺期间代管"),
                    ("other", "其他"),
                ],
                max_length=10,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="chiefterm",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_chieftermsnapshot" ("building_id", "cell_id", "id", "lane_id", "office", "person_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "standing", "street_id", "valid") SELECT new_values."building_id", new_values."cell_id", new_values."id", new_values."lane_id", new_values."office", new_values."person_id", NOW(), \'insert\', new_values."id", new_values."reason", new_values."standing", new_values."street_id", new_values."valid" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="af2a5cb194b4c7e4de1172c58c95cfd74acc8852",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_14f1e",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="layers_chiefterm",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="chiefterm",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_chieftermsnapshot" ("building_id", "cell_id", "id", "lane_id", "office", "person_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "standing", "street_id", "valid") SELECT new_values."building_id", new_values."cell_id", new_values."id", new_values."lane_id", new_values."office", new_values."person_id", NOW(), \'update\', new_values."id", new_values."reason", new_values."standing", new_values."street_id", new_values."valid" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="ac1709e8853508f99848db2eaa992fcf9aede053",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_251fd",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="layers_chiefterm",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="chiefterm",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_chieftermsnapshot" ("building_id", "cell_id", "id", "lane_id", "office", "person_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "standing", "street_id", "valid") SELECT old_values."building_id", old_values."cell_id", old_values."id", old_values."lane_id", old_values."office", old_values."person_id", NOW(), \'delete\', old_values."id", old_values."reason", old_values."standing", old_values."street_id", old_values."valid" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="c8aa8059a27e05079d626f9e2454561d71a55c80",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_dcfb5",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="layers_chiefterm",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL(
            "UPDATE layers_chiefterm SET reason = 'other' WHERE standing = 'substitute';"
            " SELECT gridmap_check_now()"
        ),
        migrations.AddConstraint(
            model_name="chiefterm",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), ("standing", "acting"))
                | models.Q(
                    ("reason__in", ["leave", "ill", "training", "away", "vacancy", "other"]),
                    ("standing", "substitute"),
                ),
                name="chiefterm_reason",
            ),
        ),
        migrations.RunSQL(read("0010_ladder")),
    ]
