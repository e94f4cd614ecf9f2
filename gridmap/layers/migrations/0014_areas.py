import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from gridmap.layers.sql import read

# Postings made before a role had to name what it needs gave more than the role may see.
UNFIT = """
DELETE FROM layers_posting WHERE role IN ('chief', 'worker', 'patrol')
    OR (role = 'dispatcher' AND subdistrict_id IS NULL)
    OR (role = 'cadre' AND community_id IS NULL)
    OR (role IN ('leader', 'auditor') AND community_id IS NOT NULL)
    OR (role = 'auditor' AND subdistrict_id IS NOT NULL);
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("layers", "0025_fabric_tiles"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="posting",
            name="posting_role",
        ),
        migrations.RemoveConstraint(
            model_name="posting",
            name="posting_department",
        ),
        migrations.AddField(
            model_name="incident",
            name="building",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="incidents",
                to="layers.building",
            ),
        ),
        migrations.AddField(
            model_name="incident",
            name="lane",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="incidents",
                to="layers.lane",
            ),
        ),
        migrations.AddField(
            model_name="incident",
            name="street",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="incidents",
                to="layers.street",
            ),
        ),
        migrations.AddField(
            model_name="posting",
            name="person",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="postings",
                to="layers.person",
            ),
        ),
        migrations.AddField(
            model_name="posting",
            name="team",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="postings",
                to="layers.team",
            ),
        ),
        migrations.AlterField(
            model_name="posting",
            name="role",
            field=models.CharField(
                choices=[
                    ("leader", "街道领导"),
                    ("dispatcher", "值班长"),
                    ("cadre", "社区干部"),
                    ("worker", "网格员"),
                    ("chief", "三长"),
                    ("patrol", "巡防队员"),
                    ("planner", "规划员"),
                    ("department", "部门经办"),
                    ("auditor", "审计员"),
                    ("admin", "系统管理员"),
                ],
                max_length=12,
            ),
        ),
        migrations.RunSQL(UNFIT),
        migrations.AddConstraint(
            model_name="posting",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("community__isnull", True),
                        ("department__isnull", True),
                        ("person__isnull", True),
                        ("role", "leader"),
                        ("team__isnull", True),
                    ),
                    models.Q(
                        ("community__isnull", True),
                        ("department__isnull", True),
                        ("person__isnull", True),
                        ("role", "dispatcher"),
                        ("subdistrict__isnull", False),
                        ("team__isnull", True),
                    ),
                    models.Q(
                        ("community__isnull", False),
                        ("department__isnull", True),
                        ("person__isnull", True),
                        ("role", "cadre"),
                        ("subdistrict__isnull", True),
                        ("team__isnull", True),
                    ),
                    models.Q(
                        ("community__isnull", True),
                        ("department__isnull", True),
                        ("person__isnull", False),
                        ("role", "worker"),
                        ("subdistrict__isnull", True),
                        ("team__isnull", True),
                    ),
                    models.Q(
                        ("community__isnull", True),
                        ("department__isnull", True),
                        ("person__isnull", False),
                        ("role", "chief"),
                        ("subdistrict__isnull", True),
                        ("team__isnull", True),
                    ),
                    models.Q(
                        ("community__isnull", True),
                        ("department__isnull", True),
                        ("person__isnull", True),
                        ("role", "patrol"),
                        ("subdistrict__isnull", True),
                        ("team__isnull", False),
                    ),
                    models.Q(
                        ("department__isnull", True),
                        ("person__isnull", True),
                        ("role", "planner"),
                        ("team__isnull", True),
                    ),
                    models.Q(
                        ("department__isnull", False),
                        ("person__isnull", True),
                        ("role", "department"),
                        ("team__isnull", True),
                    ),
                    models.Q(
                        ("community__isnull", True),
                        ("department__isnull", True),
                        ("person__isnull", True),
                        ("role", "auditor"),
                        ("subdistrict__isnull", True),
                        ("team__isnull", True),
                    ),
                    models.Q(
                        ("community__isnull", True),
                        ("department__isnull", True),
                        ("person__isnull", True),
                        ("role", "admin"),
                        ("subdistrict__isnull", True),
                        ("team__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="posting_columns_of_role",
            ),
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="posting",
            name="insert_insert",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="posting",
            name="update_update",
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name="posting",
            name="delete_delete",
        ),
        migrations.AddField(
            model_name="postingsnapshot",
            name="person",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.person",
            ),
        ),
        migrations.AddField(
            model_name="postingsnapshot",
            name="team",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.team",
            ),
        ),
        migrations.AlterField(
            model_name="postingsnapshot",
            name="role",
            field=models.CharField(
                choices=[
                    ("leader", "街道领导"),
                    ("dispatcher", "值班长"),
                    ("cadre", "社区干部"),
                    ("worker", "网格员"),
                    ("chief", "三长"),
                    ("patrol", "巡防队员"),
                    ("planner", "规划员"),
                    ("department", "部门经办"),
                    ("auditor", "审计员"),
                    ("admin", "系统管理员"),
                ],
                max_length=12,
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="posting",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_postingsnapshot" ("city_id", "community_id", "department_id", "id", "person_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "subdistrict_id", "team_id", "user_id", "valid") SELECT new_values."city_id", new_values."community_id", new_values."department_id", new_values."id", new_values."person_id", NOW(), \'insert\', new_values."id", new_values."role", new_values."subdistrict_id", new_values."team_id", new_values."user_id", new_values."valid" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="9da2293e70aba58205d7eeb113481735f55d2d15",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_14e7a",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="layers_posting",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="posting",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_postingsnapshot" ("city_id", "community_id", "department_id", "id", "person_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "subdistrict_id", "team_id", "user_id", "valid") SELECT new_values."city_id", new_values."community_id", new_values."department_id", new_values."id", new_values."person_id", NOW(), \'update\', new_values."id", new_values."role", new_values."subdistrict_id", new_values."team_id", new_values."user_id", new_values."valid" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="84591ea6f5b47e40ba08a8e0b304f43f3ceb757c",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_47761",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="layers_posting",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="posting",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_postingsnapshot" ("city_id", "community_id", "department_id", "id", "person_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "subdistrict_id", "team_id", "user_id", "valid") SELECT old_values."city_id", old_values."community_id", old_values."department_id", old_values."id", old_values."person_id", NOW(), \'delete\', old_values."id", old_values."role", old_values."subdistrict_id", old_values."team_id", old_values."user_id", old_values."valid" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="6b09ec85f51405d2b3771391cf74bb4876fbcf15",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_aa827",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="layers_posting",
                    when="AFTER",
                ),
            ),
        ),
        migrations.RunSQL(read("0014_areas")),
    ]
