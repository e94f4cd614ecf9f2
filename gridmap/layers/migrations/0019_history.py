import django.contrib.gis.db.models.fields
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
import django.db.models.functions.comparison
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models

from gridmap.layers.sql import read


class Migration(migrations.Migration):
    dependencies = [
        ("layers", "0016_accounts"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BuildingSnapshot",
            fields=[
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "tx",
                    models.BigIntegerField(
                        db_default=django.db.models.functions.comparison.Cast(
                            django.db.models.functions.comparison.Cast(
                                models.Func(
                                    function="pg_current_xact_id", output_field=models.TextField()
                                ),
                                models.TextField(),
                            ),
                            models.BigIntegerField(),
                        ),
                        editable=False,
                    ),
                ),
                (
                    "geom",
                    django.contrib.gis.db.models.fields.MultiPolygonField(
                        spatial_index=False, srid=4326
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("code", models.CharField(max_length=20)),
                ("name", models.CharField(blank=True, max_length=80)),
                ("address", models.CharField(blank=True, max_length=120)),
                ("number", models.CharField(blank=True, max_length=20)),
                (
                    "aliases",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("kind", models.CharField(blank=True, max_length=30)),
                ("floors", models.PositiveSmallIntegerField(blank=True, null=True)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CategorySnapshot",
            fields=[
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "tx",
                    models.BigIntegerField(
                        db_default=django.db.models.functions.comparison.Cast(
                            django.db.models.functions.comparison.Cast(
                                models.Func(
                                    function="pg_current_xact_id", output_field=models.TextField()
                                ),
                                models.TextField(),
                            ),
                            models.BigIntegerField(),
                        ),
                        editable=False,
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("code", models.CharField(max_length=60)),
                ("name", models.CharField(max_length=80)),
                ("name_en", models.CharField(blank=True, max_length=80)),
                (
                    "kind",
                    models.CharField(
                        choices=[("component", "部件"), ("event", "事件"), ("matter", "社区事项")],
                        max_length=10,
                    ),
                ),
                ("limit_hours", models.PositiveIntegerField(default=72)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CellEditionSnapshot",
            fields=[
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "tx",
                    models.BigIntegerField(
                        db_default=django.db.models.functions.comparison.Cast(
                            django.db.models.functions.comparison.Cast(
                                models.Func(
                                    function="pg_current_xact_id", output_field=models.TextField()
                                ),
                                models.TextField(),
                            ),
                            models.BigIntegerField(),
                        ),
                        editable=False,
                    ),
                ),
                (
                    "geom",
                    django.contrib.gis.db.models.fields.MultiPolygonField(
                        spatial_index=False, srid=4326
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("code", models.CharField(max_length=15)),
                ("name", models.CharField(max_length=80)),
                (
                    "kind",
                    models.CharField(
                        choices=[("basic", "基础网格"), ("special", "专属网格")],
                        default="basic",
                        max_length=8,
                    ),
                ),
                ("use", models.CharField(blank=True, max_length=20)),
                ("valid", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ChiefTermSnapshot",
            fields=[
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "tx",
                    models.BigIntegerField(
                        db_default=django.db.models.functions.comparison.Cast(
                            django.db.models.functions.comparison.Cast(
                                models.Func(
                                    function="pg_current_xact_id", output_field=models.TextField()
                                ),
                                models.TextField(),
                            ),
                            models.BigIntegerField(),
                        ),
                        editable=False,
                    ),
                ),
                ("id", models.BigIntegerField()),
                (
                    "office",
                    models.CharField(
                        choices=[
                            ("street", "街长"),
                            ("lane", "巷长"),
                            ("building", "楼长"),
                            ("cell_head", "网格长"),
                            ("cell_worker", "网格员"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "standing",
                    models.CharField(
                        choices=[("acting", "在岗"), ("substitute", "代理")],
                        default="acting",
                        max_length=10,
                    ),
                ),
                ("valid", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CommunitySnapshot",
            fields=[
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "tx",
                    models.BigIntegerField(
                        db_default=django.db.models.functions.comparison.Cast(
                            django.db.models.functions.comparison.Cast(
                                models.Func(
                                    function="pg_current_xact_id", output_field=models.TextField()
                                ),
                                models.TextField(),
                            ),
                            models.BigIntegerField(),
                        ),
                        editable=False,
                    ),
                ),
                (
                    "geom",
                    django.contrib.gis.db.models.fields.MultiPolygonField(
                        spatial_index=False, srid=4326
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("code", models.CharField(max_length=12)),
                ("name", models.CharField(max_length=80)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DepartmentSnapshot",
            fields=[
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "tx",
                    models.BigIntegerField(
                        db_default=django.db.models.functions.comparison.Cast(
                            django.db.models.functions.comparison.Cast(
                                models.Func(
                                    function="pg_current_xact_id", output_field=models.TextField()
                                ),
                                models.TextField(),
                            ),
                            models.BigIntegerField(),
                        ),
                        editable=False,
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("code", models.SlugField(db_index=False, max_length=30)),
                ("name", models.CharField(max_length=40)),
                ("name_en", models.CharField(blank=True, max_length=60)),
                ("rank", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="JournalSeal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(unique=True)),
                ("last_entry", models.BigIntegerField()),
                ("entries", models.IntegerField()),
                ("seal", models.CharField(max_length=64)),
                ("signature", models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="LaneSnapshot",
            fields=[
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "tx",
                    models.BigIntegerField(
                        db_default=django.db.models.functions.comparison.Cast(
                            django.db.models.functions.comparison.Cast(
                                models.Func(
                                    function="pg_current_xact_id", output_field=models.TextField()
                                ),
                                models.TextField(),
                            ),
                            models.BigIntegerField(),
                        ),
                        editable=False,
                    ),
                ),
                (
                    "centreline",
                    django.contrib.gis.db.models.fields.MultiLineStringField(
                        spatial_index=False, srid=4326
                    ),
                ),
                (
                    "polygon",
                    django.contrib.gis.db.models.fields.MultiPolygonField(
                        spatial_index=False, srid=4326
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("code", models.CharField(max_length=20)),
                ("name", models.CharField(blank=True, max_length=80)),
                ("kind", models.CharField(blank=True, max_length=30)),
                (
                    "aliases",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("width_m", models.FloatField(blank=True, null=True)),
                (
                    "derived",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "—"),
                            ("polygon", "面由中心线推得"),
                            ("centreline", "中心线由面推得"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="MembershipSnapshot",
            fields=[
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "tx",
                    models.BigIntegerField(
                        db_default=django.db.models.functions.comparison.Cast(
                            django.db.models.functions.comparison.Cast(
                                models.Func(
                                    function="pg_current_xact_id", output_field=models.TextField()
                                ),
                                models.TextField(),
                            ),
                            models.BigIntegerField(),
                        ),
                        editable=False,
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("valid", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PartyUnitSnapshot",
            fields=[
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "tx",
                    models.BigIntegerField(
                        db_default=django.db.models.functions.comparison.Cast(
                            django.db.models.functions.comparison.Cast(
                                models.Func(
                                    function="pg_current_xact_id", output_field=models.TextField()
                                ),
                                models.TextField(),
                            ),
                            models.BigIntegerField(),
                        ),
                        editable=False,
                    ),
                ),
                (
                    "place",
                    django.contrib.gis.db.models.fields.PointField(spatial_index=False, srid=4326),
                ),
                ("id", models.BigIntegerField()),
                ("code", models.CharField(max_length=20)),
                ("name", models.CharField(max_length=80)),
                (
                    "aliases",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("organ", "机关"),
                            ("enterprise", "企业"),
                            ("chamber", "商会"),
                            ("tower", "楼宇"),
                            ("school", "学校"),
                            ("hospital", "医院"),
                            ("society", "社会组织"),
                        ],
                        max_length=12,
                    ),
                ),
                ("superior", models.CharField(blank=True, max_length=120)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PlaceCodeSnapshot",
            fields=[
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "tx",
                    models.BigIntegerField(
                        db_default=django.db.models.functions.comparison.Cast(
                            django.db.models.functions.comparison.Cast(
                                models.Func(
                                    function="pg_current_xact_id", output_field=models.TextField()
                                ),
                                models.TextField(),
                            ),
                            models.BigIntegerField(),
                        ),
                        editable=False,
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("code", models.CharField(max_length=12)),
                ("name", models.CharField(max_length=80)),
                ("valid", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PostingSnapshot",
            fields=[
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "tx",
                    models.BigIntegerField(
                        db_default=django.db.models.functions.comparison.Cast(
                            django.db.models.functions.comparison.Cast(
                                models.Func(
                                    function="pg_current_xact_id", output_field=models.TextField()
                                ),
                                models.TextField(),
                            ),
                            models.BigIntegerField(),
                        ),
                        editable=False,
                    ),
                ),
                ("id", models.BigIntegerField()),
                (
                    "role",
                    models.CharField(
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
                        ],
                        max_length=12,
                    ),
                ),
                ("valid", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="StreetSnapshot",
            fields=[
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "tx",
                    models.BigIntegerField(
                        db_default=django.db.models.functions.comparison.Cast(
                            django.db.models.functions.comparison.Cast(
                                models.Func(
                                    function="pg_current_xact_id", output_field=models.TextField()
                                ),
                                models.TextField(),
                            ),
                            models.BigIntegerField(),
                        ),
                        editable=False,
                    ),
                ),
                (
                    "centreline",
                    django.contrib.gis.db.models.fields.MultiLineStringField(
                        spatial_index=False, srid=4326
                    ),
                ),
                (
                    "polygon",
                    django.contrib.gis.db.models.fields.MultiPolygonField(
                        spatial_index=False, srid=4326
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("code", models.CharField(max_length=20)),
                ("name", models.CharField(blank=True, max_length=80)),
                ("kind", models.CharField(blank=True, max_length=30)),
                (
                    "aliases",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=80),
                        blank=True,
                        default=list,
                        size=None,
                    ),
                ),
                ("width_m", models.FloatField(blank=True, null=True)),
                (
                    "derived",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("", "—"),
                            ("polygon", "面由中心线推得"),
                            ("centreline", "中心线由面推得"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SubdistrictSnapshot",
            fields=[
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "tx",
                    models.BigIntegerField(
                        db_default=django.db.models.functions.comparison.Cast(
                            django.db.models.functions.comparison.Cast(
                                models.Func(
                                    function="pg_current_xact_id", output_field=models.TextField()
                                ),
                                models.TextField(),
                            ),
                            models.BigIntegerField(),
                        ),
                        editable=False,
                    ),
                ),
                (
                    "geom",
                    django.contrib.gis.db.models.fields.MultiPolygonField(
                        spatial_index=False, srid=4326
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("code", models.CharField(max_length=9)),
                ("name", models.CharField(max_length=80)),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TeamAreaSnapshot",
            fields=[
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "tx",
                    models.BigIntegerField(
                        db_default=django.db.models.functions.comparison.Cast(
                            django.db.models.functions.comparison.Cast(
                                models.Func(
                                    function="pg_current_xact_id", output_field=models.TextField()
                                ),
                                models.TextField(),
                            ),
                            models.BigIntegerField(),
                        ),
                        editable=False,
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("valid", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="TeamSnapshot",
            fields=[
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("pgh_id", models.BigAutoField(primary_key=True, serialize=False)),
                (
                    "tx",
                    models.BigIntegerField(
                        db_default=django.db.models.functions.comparison.Cast(
                            django.db.models.functions.comparison.Cast(
                                models.Func(
                                    function="pg_current_xact_id", output_field=models.TextField()
                                ),
                                models.TextField(),
                            ),
                            models.BigIntegerField(),
                        ),
                        editable=False,
                    ),
                ),
                ("id", models.BigIntegerField()),
                ("name", models.CharField(max_length=80)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("patrol", "巡防"),
                            ("arts", "文艺"),
                            ("persuasion", "劝导"),
                            ("legal", "法律"),
                            ("environment", "环保"),
                        ],
                        max_length=12,
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddField(
            model_name="entry",
            name="seal",
            field=models.CharField(default="", editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="entry",
            name="tx",
            field=models.BigIntegerField(
                db_default=django.db.models.functions.comparison.Cast(
                    django.db.models.functions.comparison.Cast(
                        models.Func(function="pg_current_xact_id", output_field=models.TextField()),
                        models.TextField(),
                    ),
                    models.BigIntegerField(),
                ),
                editable=False,
            ),
        ),
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["tx"], name="entry_tx"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="building",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_buildingsnapshot" ("address", "aliases", "cell_id", "city_id", "code", "community_id", "floors", "geom", "id", "kind", "lane_id", "name", "number", "pgh_created_at", "pgh_label", "pgh_obj_id", "street_id") SELECT new_values."address", new_values."aliases", new_values."cell_id", new_values."city_id", new_values."code", new_values."community_id", new_values."floors", new_values."geom", new_values."id", new_values."kind", new_values."lane_id", new_values."name", new_values."number", NOW(), \'insert\', new_values."id", new_values."street_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="94a44a08d228fad65a917d476d216587fbaad02d",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_20c51",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="layers_building",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="building",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_buildingsnapshot" ("address", "aliases", "cell_id", "city_id", "code", "community_id", "floors", "geom", "id", "kind", "lane_id", "name", "number", "pgh_created_at", "pgh_label", "pgh_obj_id", "street_id") SELECT new_values."address", new_values."aliases", new_values."cell_id", new_values."city_id", new_values."code", new_values."community_id", new_values."floors", new_values."geom", new_values."id", new_values."kind", new_values."lane_id", new_values."name", new_values."number", NOW(), \'update\', new_values."id", new_values."street_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."address" IS DISTINCT FROM (new_values."address") OR old_values."aliases" IS DISTINCT FROM (new_values."aliases") OR old_values."city_id" IS DISTINCT FROM (new_values."city_id") OR old_values."code" IS DISTINCT FROM (new_values."code") OR old_values."community_id" IS DISTINCT FROM (new_values."community_id") OR old_values."floors" IS DISTINCT FROM (new_values."floors") OR old_values."geom" IS DISTINCT FROM (new_values."geom") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."lane_id" IS DISTINCT FROM (new_values."lane_id") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."number" IS DISTINCT FROM (new_values."number") OR old_values."street_id" IS DISTINCT FROM (new_values."street_id")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="48302191bf011e114d691d44034fee2d8321d472",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_8489b",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="layers_building",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="building",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_buildingsnapshot" ("address", "aliases", "cell_id", "city_id", "code", "community_id", "floors", "geom", "id", "kind", "lane_id", "name", "number", "pgh_created_at", "pgh_label", "pgh_obj_id", "street_id") SELECT old_values."address", old_values."aliases", old_values."cell_id", old_values."city_id", old_values."code", old_values."community_id", old_values."floors", old_values."geom", old_values."id", old_values."kind", old_values."lane_id", old_values."name", old_values."number", NOW(), \'delete\', old_values."id", old_values."street_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="be96df7583d983a096acffd2f5a26e31bd0d4fc5",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_915f1",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="layers_building",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="category",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_categorysnapshot" ("city_id", "code", "department_id", "id", "kind", "limit_hours", "name", "name_en", "parent_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."city_id", new_values."code", new_values."department_id", new_values."id", new_values."kind", new_values."limit_hours", new_values."name", new_values."name_en", new_values."parent_id", NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="f9dae51e9581101d77e36304eeeca7a9cf7a42c2",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_2a0dc",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="layers_category",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="category",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_categorysnapshot" ("city_id", "code", "department_id", "id", "kind", "limit_hours", "name", "name_en", "parent_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."city_id", new_values."code", new_values."department_id", new_values."id", new_values."kind", new_values."limit_hours", new_values."name", new_values."name_en", new_values."parent_id", NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="a41e1e806aefd72a3a25effe13a7fb85cfd4693e",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_58642",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="layers_category",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="category",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_categorysnapshot" ("city_id", "code", "department_id", "id", "kind", "limit_hours", "name", "name_en", "parent_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."city_id", old_values."code", old_values."department_id", old_values."id", old_values."kind", old_values."limit_hours", old_values."name", old_values."name_en", old_values."parent_id", NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="0645eaa96231dcf61e79568193598de058b5e06d",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_4e644",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="layers_category",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="celledition",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_celleditionsnapshot" ("cell_id", "code", "geom", "id", "kind", "name", "pgh_created_at", "pgh_label", "pgh_obj_id", "use", "valid") SELECT new_values."cell_id", new_values."code", new_values."geom", new_values."id", new_values."kind", new_values."name", NOW(), \'insert\', new_values."id", new_values."use", new_values."valid" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="b60a86c9ee4ade91ae161d01c7ee1ef5466afa20",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_24770",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="layers_celledition",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="celledition",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_celleditionsnapshot" ("cell_id", "code", "geom", "id", "kind", "name", "pgh_created_at", "pgh_label", "pgh_obj_id", "use", "valid") SELECT new_values."cell_id", new_values."code", new_values."geom", new_values."id", new_values."kind", new_values."name", NOW(), \'update\', new_values."id", new_values."use", new_values."valid" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="684af6dc537d50976c75220e17409d6c2d7b5796",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_d4456",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="layers_celledition",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="celledition",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_celleditionsnapshot" ("cell_id", "code", "geom", "id", "kind", "name", "pgh_created_at", "pgh_label", "pgh_obj_id", "use", "valid") SELECT old_values."cell_id", old_values."code", old_values."geom", old_values."id", old_values."kind", old_values."name", NOW(), \'delete\', old_values."id", old_values."use", old_values."valid" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="5f1af8962366477a93e1dca9aff4b0de81d5cd80",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_9d0de",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="layers_celledition",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="chiefterm",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_chieftermsnapshot" ("building_id", "cell_id", "id", "lane_id", "office", "person_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "standing", "street_id", "valid") SELECT new_values."building_id", new_values."cell_id", new_values."id", new_values."lane_id", new_values."office", new_values."person_id", NOW(), \'insert\', new_values."id", new_values."standing", new_values."street_id", new_values."valid" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="3d7dd488b06115a4bd9328f0bd4e742cd0a8050b",
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
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_chieftermsnapshot" ("building_id", "cell_id", "id", "lane_id", "office", "person_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "standing", "street_id", "valid") SELECT new_values."building_id", new_values."cell_id", new_values."id", new_values."lane_id", new_values."office", new_values."person_id", NOW(), \'update\', new_values."id", new_values."standing", new_values."street_id", new_values."valid" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="acbef7d6d57d4000d38a22b80d3adcf78256e4c6",
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
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_chieftermsnapshot" ("building_id", "cell_id", "id", "lane_id", "office", "person_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "standing", "street_id", "valid") SELECT old_values."building_id", old_values."cell_id", old_values."id", old_values."lane_id", old_values."office", old_values."person_id", NOW(), \'delete\', old_values."id", old_values."standing", old_values."street_id", old_values."valid" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="5269519698caffb21c028776342e47fa03e40ab1",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_dcfb5",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="layers_chiefterm",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="community",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_communitysnapshot" ("code", "geom", "id", "name", "pgh_created_at", "pgh_label", "pgh_obj_id", "subdistrict_id") SELECT new_values."code", new_values."geom", new_values."id", new_values."name", NOW(), \'insert\', new_values."id", new_values."subdistrict_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="4a9c06e10fb2e8884a25b3e16ab3c9756ccfdd25",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_e7997",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="layers_community",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="community",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_communitysnapshot" ("code", "geom", "id", "name", "pgh_created_at", "pgh_label", "pgh_obj_id", "subdistrict_id") SELECT new_values."code", new_values."geom", new_values."id", new_values."name", NOW(), \'update\', new_values."id", new_values."subdistrict_id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."code" IS DISTINCT FROM (new_values."code") OR old_values."geom" IS DISTINCT FROM (new_values."geom") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."subdistrict_id" IS DISTINCT FROM (new_values."subdistrict_id")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="cd02f614b13a68d162ffcc5a79e48c9d38853ab1",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_b02f0",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="layers_community",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="community",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_communitysnapshot" ("code", "geom", "id", "name", "pgh_created_at", "pgh_label", "pgh_obj_id", "subdistrict_id") SELECT old_values."code", old_values."geom", old_values."id", old_values."name", NOW(), \'delete\', old_values."id", old_values."subdistrict_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="cb34099ab5f8fb22d8c57975ac38f5e2f920b671",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_9848d",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="layers_community",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="department",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_departmentsnapshot" ("city_id", "code", "id", "name", "name_en", "pgh_created_at", "pgh_label", "pgh_obj_id", "rank") SELECT new_values."city_id", new_values."code", new_values."id", new_values."name", new_values."name_en", NOW(), \'insert\', new_values."id", new_values."rank" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="40c698b1fdf80e60456a99ee846f1813963d0c84",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_df198",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="layers_department",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="department",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_departmentsnapshot" ("city_id", "code", "id", "name", "name_en", "pgh_created_at", "pgh_label", "pgh_obj_id", "rank") SELECT new_values."city_id", new_values."code", new_values."id", new_values."name", new_values."name_en", NOW(), \'update\', new_values."id", new_values."rank" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="a5c43e7c90892b94a24d7d6a0aa0f3405e784fce",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_4f3b9",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="layers_department",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="department",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_departmentsnapshot" ("city_id", "code", "id", "name", "name_en", "pgh_created_at", "pgh_label", "pgh_obj_id", "rank") SELECT old_values."city_id", old_values."code", old_values."id", old_values."name", old_values."name_en", NOW(), \'delete\', old_values."id", old_values."rank" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="b25dfa3fbdd9da896d0d48ae8a948f0985764c74",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_538d7",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="layers_department",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lane",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_lanesnapshot" ("aliases", "centreline", "city_id", "code", "community_id", "derived", "id", "kind", "name", "pgh_created_at", "pgh_label", "pgh_obj_id", "polygon", "street_id", "width_m") SELECT new_values."aliases", new_values."centreline", new_values."city_id", new_values."code", new_values."community_id", new_values."derived", new_values."id", new_values."kind", new_values."name", NOW(), \'insert\', new_values."id", new_values."polygon", new_values."street_id", new_values."width_m" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="c0c8167a4093417e26074513dfd586e137983384",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_31139",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="layers_lane",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lane",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_lanesnapshot" ("aliases", "centreline", "city_id", "code", "community_id", "derived", "id", "kind", "name", "pgh_created_at", "pgh_label", "pgh_obj_id", "polygon", "street_id", "width_m") SELECT new_values."aliases", new_values."centreline", new_values."city_id", new_values."code", new_values."community_id", new_values."derived", new_values."id", new_values."kind", new_values."name", NOW(), \'update\', new_values."id", new_values."polygon", new_values."street_id", new_values."width_m" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."aliases" IS DISTINCT FROM (new_values."aliases") OR old_values."centreline" IS DISTINCT FROM (new_values."centreline") OR old_values."city_id" IS DISTINCT FROM (new_values."city_id") OR old_values."code" IS DISTINCT FROM (new_values."code") OR old_values."community_id" IS DISTINCT FROM (new_values."community_id") OR old_values."derived" IS DISTINCT FROM (new_values."derived") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."polygon" IS DISTINCT FROM (new_values."polygon") OR old_values."street_id" IS DISTINCT FROM (new_values."street_id") OR old_values."width_m" IS DISTINCT FROM (new_values."width_m")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="57e74262d4c72d6c5621843e0b5a532c492ba7a2",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_4a894",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="layers_lane",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lane",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_lanesnapshot" ("aliases", "centreline", "city_id", "code", "community_id", "derived", "id", "kind", "name", "pgh_created_at", "pgh_label", "pgh_obj_id", "polygon", "street_id", "width_m") SELECT old_values."aliases", old_values."centreline", old_values."city_id", old_values."code", old_values."community_id", old_values."derived", old_values."id", old_values."kind", old_values."name", NOW(), \'delete\', old_values."id", old_values."polygon", old_values."street_id", old_values."width_m" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="7fcf519f049cbc94f0614aac8637aee88c40b54c",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_3848e",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="layers_lane",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="membership",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_membershipsnapshot" ("id", "person_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "team_id", "valid") SELECT new_values."id", new_values."person_id", NOW(), \'insert\', new_values."id", new_values."team_id", new_values."valid" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="112eed7f66b5b595703dce35a5db9e543ac2a123",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_0d404",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="layers_membership",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="membership",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_membershipsnapshot" ("id", "person_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "team_id", "valid") SELECT new_values."id", new_values."person_id", NOW(), \'update\', new_values."id", new_values."team_id", new_values."valid" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="4c261eb2d450f4505e2765c57203546812a812f0",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_8d0dc",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="layers_membership",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="membership",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_membershipsnapshot" ("id", "person_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "team_id", "valid") SELECT old_values."id", old_values."person_id", NOW(), \'delete\', old_values."id", old_values."team_id", old_values."valid" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="f9c57b23144c28e58723f0a647d181003bd6612d",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_e3d0f",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="layers_membership",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="partyunit",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_partyunitsnapshot" ("aliases", "cell_id", "city_id", "code", "community_id", "id", "kind", "name", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "superior") SELECT new_values."aliases", new_values."cell_id", new_values."city_id", new_values."code", new_values."community_id", new_values."id", new_values."kind", new_values."name", NOW(), \'insert\', new_values."id", new_values."place", new_values."superior" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="0aa42c3a55d9878aad19d5c9d1b8b2c222557448",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_6229a",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="layers_partyunit",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="partyunit",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_partyunitsnapshot" ("aliases", "cell_id", "city_id", "code", "community_id", "id", "kind", "name", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "superior") SELECT new_values."aliases", new_values."cell_id", new_values."city_id", new_values."code", new_values."community_id", new_values."id", new_values."kind", new_values."name", NOW(), \'update\', new_values."id", new_values."place", new_values."superior" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."aliases" IS DISTINCT FROM (new_values."aliases") OR old_values."city_id" IS DISTINCT FROM (new_values."city_id") OR old_values."code" IS DISTINCT FROM (new_values."code") OR old_values."community_id" IS DISTINCT FROM (new_values."community_id") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."place" IS DISTINCT FROM (new_values."place") OR old_values."superior" IS DISTINCT FROM (new_values."superior")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="697f259e04d776a91577c53bdd86a23424eac449",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_8c89b",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="layers_partyunit",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="partyunit",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_partyunitsnapshot" ("aliases", "cell_id", "city_id", "code", "community_id", "id", "kind", "name", "pgh_created_at", "pgh_label", "pgh_obj_id", "place", "superior") SELECT old_values."aliases", old_values."cell_id", old_values."city_id", old_values."code", old_values."community_id", old_values."id", old_values."kind", old_values."name", NOW(), \'delete\', old_values."id", old_values."place", old_values."superior" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="9ed6c66ac8e2b49c1f19f8178535cda1fa345c1c",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_01877",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="layers_partyunit",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="placecode",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_placecodesnapshot" ("code", "community_id", "id", "name", "pgh_created_at", "pgh_label", "pgh_obj_id", "subdistrict_id", "valid") SELECT new_values."code", new_values."community_id", new_values."id", new_values."name", NOW(), \'insert\', new_values."id", new_values."subdistrict_id", new_values."valid" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="637f790b4b47fcdd5e6a31015bb35bc464c9ae1a",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_3d41d",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="layers_placecode",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="placecode",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_placecodesnapshot" ("code", "community_id", "id", "name", "pgh_created_at", "pgh_label", "pgh_obj_id", "subdistrict_id", "valid") SELECT new_values."code", new_values."community_id", new_values."id", new_values."name", NOW(), \'update\', new_values."id", new_values."subdistrict_id", new_values."valid" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="344771f43e1a4c364e20b560dcaa9c8598c528b1",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_72414",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="layers_placecode",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="placecode",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_placecodesnapshot" ("code", "community_id", "id", "name", "pgh_created_at", "pgh_label", "pgh_obj_id", "subdistrict_id", "valid") SELECT old_values."code", old_values."community_id", old_values."id", old_values."name", NOW(), \'delete\', old_values."id", old_values."subdistrict_id", old_values."valid" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="3b63289d1719b5ef7009ad19337bed575b1669ab",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_d6589",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="layers_placecode",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="posting",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_postingsnapshot" ("city_id", "community_id", "department_id", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "subdistrict_id", "user_id", "valid") SELECT new_values."city_id", new_values."community_id", new_values."department_id", new_values."id", NOW(), \'insert\', new_values."id", new_values."role", new_values."subdistrict_id", new_values."user_id", new_values."valid" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="fd443431b8fcafae05b9b68dd92d35be2de7b065",
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
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_postingsnapshot" ("city_id", "community_id", "department_id", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "subdistrict_id", "user_id", "valid") SELECT new_values."city_id", new_values."community_id", new_values."department_id", new_values."id", NOW(), \'update\', new_values."id", new_values."role", new_values."subdistrict_id", new_values."user_id", new_values."valid" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="09d2cc3fe76a2a3ffa6280c271cb05f547494b8b",
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
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_postingsnapshot" ("city_id", "community_id", "department_id", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role", "subdistrict_id", "user_id", "valid") SELECT old_values."city_id", old_values."community_id", old_values."department_id", old_values."id", NOW(), \'delete\', old_values."id", old_values."role", old_values."subdistrict_id", old_values."user_id", old_values."valid" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="905a616e31d7198a1cdff752a8a1a5a5aa719712",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_aa827",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="layers_posting",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="street",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_streetsnapshot" ("aliases", "centreline", "city_id", "code", "derived", "id", "kind", "name", "pgh_created_at", "pgh_label", "pgh_obj_id", "polygon", "width_m") SELECT new_values."aliases", new_values."centreline", new_values."city_id", new_values."code", new_values."derived", new_values."id", new_values."kind", new_values."name", NOW(), \'insert\', new_values."id", new_values."polygon", new_values."width_m" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="c2441f96fd6fa11d8865b9e9a7063d5ba5fc3867",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_10661",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="layers_street",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="street",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_streetsnapshot" ("aliases", "centreline", "city_id", "code", "derived", "id", "kind", "name", "pgh_created_at", "pgh_label", "pgh_obj_id", "polygon", "width_m") SELECT new_values."aliases", new_values."centreline", new_values."city_id", new_values."code", new_values."derived", new_values."id", new_values."kind", new_values."name", NOW(), \'update\', new_values."id", new_values."polygon", new_values."width_m" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."aliases" IS DISTINCT FROM (new_values."aliases") OR old_values."centreline" IS DISTINCT FROM (new_values."centreline") OR old_values."city_id" IS DISTINCT FROM (new_values."city_id") OR old_values."code" IS DISTINCT FROM (new_values."code") OR old_values."derived" IS DISTINCT FROM (new_values."derived") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."name" IS DISTINCT FROM (new_values."name") OR old_values."polygon" IS DISTINCT FROM (new_values."polygon") OR old_values."width_m" IS DISTINCT FROM (new_values."width_m")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="7e637a8e7c9cfc0653c9bf654fd546c1a46b829e",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_dedeb",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="layers_street",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="street",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_streetsnapshot" ("aliases", "centreline", "city_id", "code", "derived", "id", "kind", "name", "pgh_created_at", "pgh_label", "pgh_obj_id", "polygon", "width_m") SELECT old_values."aliases", old_values."centreline", old_values."city_id", old_values."code", old_values."derived", old_values."id", old_values."kind", old_values."name", NOW(), \'delete\', old_values."id", old_values."polygon", old_values."width_m" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="835078474720bd5be5ff88c224fc5b552dda1ca8",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_cf814",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="layers_street",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="subdistrict",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_subdistrictsnapshot" ("city_id", "code", "geom", "id", "name", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."city_id", new_values."code", new_values."geom", new_values."id", new_values."name", NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="fd71b4f19c35da426807151d1110a3a0f4f395ac",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_b9474",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="layers_subdistrict",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="subdistrict",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_subdistrictsnapshot" ("city_id", "code", "geom", "id", "name", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."city_id", new_values."code", new_values."geom", new_values."id", new_values."name", NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="5fa57bd3afc95e81511d745941b53d9fd08e7cef",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_dd301",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="layers_subdistrict",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="subdistrict",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_subdistrictsnapshot" ("city_id", "code", "geom", "id", "name", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."city_id", old_values."code", old_values."geom", old_values."id", old_values."name", NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="3111a920aa57ab2746afc3775e704bebe47a4bd3",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_c4b57",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="layers_subdistrict",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="team",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_teamsnapshot" ("city_id", "community_id", "id", "kind", "name", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."city_id", new_values."community_id", new_values."id", new_values."kind", new_values."name", NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="7cbaa92c5663d99a7594d533ebe76cb9bca91d96",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_5bc0e",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="layers_team",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="team",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_teamsnapshot" ("city_id", "community_id", "id", "kind", "name", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."city_id", new_values."community_id", new_values."id", new_values."kind", new_values."name", NOW(), \'update\', new_values."id" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values."city_id" IS DISTINCT FROM (new_values."city_id") OR old_values."community_id" IS DISTINCT FROM (new_values."community_id") OR old_values."id" IS DISTINCT FROM (new_values."id") OR old_values."kind" IS DISTINCT FROM (new_values."kind") OR old_values."name" IS DISTINCT FROM (new_values."name")) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="f63d1c5b422805270a1642d98dd260c6541fd93e",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_19aef",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="layers_team",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="team",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_teamsnapshot" ("city_id", "community_id", "id", "kind", "name", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."city_id", old_values."community_id", old_values."id", old_values."kind", old_values."name", NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="41b71dab422130223613c9775270c93d5ab973ea",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_bc2d9",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="layers_team",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="teamarea",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_teamareasnapshot" ("cell_id", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "team_id", "valid") SELECT new_values."cell_id", new_values."id", NOW(), \'insert\', new_values."id", new_values."team_id", new_values."valid" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="da136c35d9672d16f384345a4e9d3cae9abe707f",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_542be",
                    referencing="REFERENCING NEW TABLE AS new_values ",
                    table="layers_teamarea",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="teamarea",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_teamareasnapshot" ("cell_id", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "team_id", "valid") SELECT new_values."cell_id", new_values."id", NOW(), \'update\', new_values."id", new_values."team_id", new_values."valid" FROM ( SELECT new_values.* FROM old_values JOIN new_values ON (old_values."id") = (new_values."id") WHERE (old_values.* IS DISTINCT FROM new_values.*) ) AS new_values, _pgh_attached_context; RETURN NULL;',
                    hash="e1db0b3759fa735e0658fadc52cc3dc029eab181",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_79357",
                    referencing="REFERENCING OLD TABLE AS old_values  NEW TABLE AS new_values ",
                    table="layers_teamarea",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="teamarea",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "layers_teamareasnapshot" ("cell_id", "id", "pgh_created_at", "pgh_label", "pgh_obj_id", "team_id", "valid") SELECT old_values."cell_id", old_values."id", NOW(), \'delete\', old_values."id", old_values."team_id", old_values."valid" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;',
                    hash="5621bf460610e8b995637aa54a1907c0be73ad71",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_63855",
                    referencing="REFERENCING OLD TABLE AS old_values ",
                    table="layers_teamarea",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="buildingsnapshot",
            name="cell",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.cell",
            ),
        ),
        migrations.AddField(
            model_name="buildingsnapshot",
            name="city",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.city",
            ),
        ),
        migrations.AddField(
            model_name="buildingsnapshot",
            name="community",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.community",
            ),
        ),
        migrations.AddField(
            model_name="buildingsnapshot",
            name="lane",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.lane",
            ),
        ),
        migrations.AddField(
            model_name="buildingsnapshot",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="versions",
                to="layers.building",
            ),
        ),
        migrations.AddField(
            model_name="buildingsnapshot",
            name="street",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.street",
            ),
        ),
        migrations.AddField(
            model_name="categorysnapshot",
            name="city",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.city",
            ),
        ),
        migrations.AddField(
            model_name="categorysnapshot",
            name="department",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.department",
            ),
        ),
        migrations.AddField(
            model_name="categorysnapshot",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.category",
            ),
        ),
        migrations.AddField(
            model_name="categorysnapshot",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="versions",
                to="layers.category",
            ),
        ),
        migrations.AddField(
            model_name="celleditionsnapshot",
            name="cell",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.cell",
            ),
        ),
        migrations.AddField(
            model_name="celleditionsnapshot",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="versions",
                to="layers.celledition",
            ),
        ),
        migrations.AddField(
            model_name="chieftermsnapshot",
            name="building",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.building",
            ),
        ),
        migrations.AddField(
            model_name="chieftermsnapshot",
            name="cell",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.cell",
            ),
        ),
        migrations.AddField(
            model_name="chieftermsnapshot",
            name="lane",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.lane",
            ),
        ),
        migrations.AddField(
            model_name="chieftermsnapshot",
            name="person",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.person",
            ),
        ),
        migrations.AddField(
            model_name="chieftermsnapshot",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="versions",
                to="layers.chiefterm",
            ),
        ),
        migrations.AddField(
            model_name="chieftermsnapshot",
            name="street",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.street",
            ),
        ),
        migrations.AddField(
            model_name="communitysnapshot",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="versions",
                to="layers.community",
            ),
        ),
        migrations.AddField(
            model_name="communitysnapshot",
            name="subdistrict",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.subdistrict",
            ),
        ),
        migrations.AddField(
            model_name="departmentsnapshot",
            name="city",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.city",
            ),
        ),
        migrations.AddField(
            model_name="departmentsnapshot",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="versions",
                to="layers.department",
            ),
        ),
        migrations.AddField(
            model_name="lanesnapshot",
            name="city",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.city",
            ),
        ),
        migrations.AddField(
            model_name="lanesnapshot",
            name="community",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.community",
            ),
        ),
        migrations.AddField(
            model_name="lanesnapshot",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="versions",
                to="layers.lane",
            ),
        ),
        migrations.AddField(
            model_name="lanesnapshot",
            name="street",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.street",
            ),
        ),
        migrations.AddField(
            model_name="membershipsnapshot",
            name="person",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.person",
            ),
        ),
        migrations.AddField(
            model_name="membershipsnapshot",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="versions",
                to="layers.membership",
            ),
        ),
        migrations.AddField(
            model_name="membershipsnapshot",
            name="team",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.team",
            ),
        ),
        migrations.AddField(
            model_name="partyunitsnapshot",
            name="cell",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.cell",
            ),
        ),
        migrations.AddField(
            model_name="partyunitsnapshot",
            name="city",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.city",
            ),
        ),
        migrations.AddField(
            model_name="partyunitsnapshot",
            name="community",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.community",
            ),
        ),
        migrations.AddField(
            model_name="partyunitsnapshot",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="versions",
                to="layers.partyunit",
            ),
        ),
        migrations.AddField(
            model_name="placecodesnapshot",
            name="community",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.community",
            ),
        ),
        migrations.AddField(
            model_name="placecodesnapshot",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="versions",
                to="layers.placecode",
            ),
        ),
        migrations.AddField(
            model_name="placecodesnapshot",
            name="subdistrict",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.subdistrict",
            ),
        ),
        migrations.AddField(
            model_name="postingsnapshot",
            name="city",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.city",
            ),
        ),
        migrations.AddField(
            model_name="postingsnapshot",
            name="community",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.community",
            ),
        ),
        migrations.AddField(
            model_name="postingsnapshot",
            name="department",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.department",
            ),
        ),
        migrations.AddField(
            model_name="postingsnapshot",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="versions",
                to="layers.posting",
            ),
        ),
        migrations.AddField(
            model_name="postingsnapshot",
            name="subdistrict",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.subdistrict",
            ),
        ),
        migrations.AddField(
            model_name="postingsnapshot",
            name="user",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="streetsnapshot",
            name="city",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.city",
            ),
        ),
        migrations.AddField(
            model_name="streetsnapshot",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="versions",
                to="layers.street",
            ),
        ),
        migrations.AddField(
            model_name="subdistrictsnapshot",
            name="city",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.city",
            ),
        ),
        migrations.AddField(
            model_name="subdistrictsnapshot",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="versions",
                to="layers.subdistrict",
            ),
        ),
        migrations.AddField(
            model_name="teamareasnapshot",
            name="cell",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.cell",
            ),
        ),
        migrations.AddField(
            model_name="teamareasnapshot",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="versions",
                to="layers.teamarea",
            ),
        ),
        migrations.AddField(
            model_name="teamareasnapshot",
            name="team",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.team",
            ),
        ),
        migrations.AddField(
            model_name="teamsnapshot",
            name="city",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.city",
            ),
        ),
        migrations.AddField(
            model_name="teamsnapshot",
            name="community",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                related_query_name="+",
                to="layers.community",
            ),
        ),
        migrations.AddField(
            model_name="teamsnapshot",
            name="pgh_obj",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="versions",
                to="layers.team",
            ),
        ),
        migrations.AddIndex(
            model_name="buildingsnapshot",
            index=models.Index(fields=["pgh_obj", "pgh_id"], name="building_versions"),
        ),
        migrations.AddIndex(
            model_name="categorysnapshot",
            index=models.Index(fields=["pgh_obj", "pgh_id"], name="category_versions"),
        ),
        migrations.AddIndex(
            model_name="celleditionsnapshot",
            index=models.Index(fields=["pgh_obj", "pgh_id"], name="celledition_versions"),
        ),
        migrations.AddIndex(
            model_name="chieftermsnapshot",
            index=models.Index(fields=["pgh_obj", "pgh_id"], name="chiefterm_versions"),
        ),
        migrations.AddIndex(
            model_name="communitysnapshot",
            index=models.Index(fields=["pgh_obj", "pgh_id"], name="community_versions"),
        ),
        migrations.AddIndex(
            model_name="departmentsnapshot",
            index=models.Index(fields=["pgh_obj", "pgh_id"], name="department_versions"),
        ),
        migrations.AddIndex(
            model_name="lanesnapshot",
            index=models.Index(fields=["pgh_obj", "pgh_id"], name="lane_versions"),
        ),
        migrations.AddIndex(
            model_name="membershipsnapshot",
            index=models.Index(fields=["pgh_obj", "pgh_id"], name="membership_versions"),
        ),
        migrations.AddIndex(
            model_name="partyunitsnapshot",
            index=models.Index(fields=["pgh_obj", "pgh_id"], name="partyunit_versions"),
        ),
        migrations.AddIndex(
            model_name="placecodesnapshot",
            index=models.Index(fields=["pgh_obj", "pgh_id"], name="placecode_versions"),
        ),
        migrations.AddIndex(
            model_name="postingsnapshot",
            index=models.Index(fields=["pgh_obj", "pgh_id"], name="posting_versions"),
        ),
        migrations.AddIndex(
            model_name="streetsnapshot",
            index=models.Index(fields=["pgh_obj", "pgh_id"], name="street_versions"),
        ),
        migrations.AddIndex(
            model_name="subdistrictsnapshot",
            index=models.Index(fields=["pgh_obj", "pgh_id"], name="subdistrict_versions"),
        ),
        migrations.AddIndex(
            model_name="teamareasnapshot",
            index=models.Index(fields=["pgh_obj", "pgh_id"], name="teamarea_versions"),
        ),
        migrations.AddIndex(
            model_name="teamsnapshot",
            index=models.Index(fields=["pgh_obj", "pgh_id"], name="team_versions"),
        ),
        migrations.RunSQL(read("0019_history")),
    ]
