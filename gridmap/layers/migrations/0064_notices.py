"""Notices: outbox, inbox, wishes, deliveries."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from gridmap.layers.sql import read


class Migration(migrations.Migration):
    dependencies = [
        ("layers", "0084_satisfaction_rate"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("mail", "邮件"),
                            ("webhook", "网络回调"),
                            ("robot", "企业微信群机器人"),
                        ],
                        max_length=8,
                    ),
                ),
                ("target", models.CharField(max_length=80)),
                ("about", models.CharField(max_length=80)),
                ("body", models.JSONField()),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "待发"),
                            ("sent", "已送达"),
                            ("given_up", "已放弃"),
                            ("unsure", "不知是否送达"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("next_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("taken_until", models.DateTimeField(blank=True, null=True)),
                ("sent_at", models.DateTimeField(blank=True, null=True)),
                ("trouble", models.CharField(blank=True, max_length=200)),
                (
                    "city",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="layers.city",
                    ),
                ),
            ],
            options={
                "verbose_name": "外发通知",
                "verbose_name_plural": "外发通知",
                "ordering": ["-pk"],
            },
        ),
        migrations.CreateModel(
            name="Attempt",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("channel", models.CharField(max_length=8)),
                ("target", models.CharField(max_length=80)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("trouble", models.CharField(blank=True, max_length=200)),
                (
                    "delivery",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="attempts",
                        to="layers.delivery",
                    ),
                ),
            ],
            options={
                "ordering": ["at", "pk"],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=80)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("new", "新上报"),
                            ("task", "交给我们办的"),
                            ("asked", "等批复的申请"),
                            ("decided", "申请的批复"),
                            ("pressed", "督办与答复"),
                            ("due", "临期与超期"),
                            ("result", "反馈、核查与结案"),
                            ("dispute", "确权与异议"),
                            ("plan", "规划方案"),
                            ("office", "任职与代理"),
                        ],
                        max_length=8,
                    ),
                ),
                ("verb", models.CharField(max_length=40)),
                ("at", models.DateTimeField()),
                ("read_at", models.DateTimeField(blank=True, null=True)),
                (
                    "city",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to="layers.city",
                    ),
                ),
                (
                    "incident",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to="layers.incident",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to="layers.plan",
                    ),
                ),
                (
                    "publication",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to="layers.publication",
                    ),
                ),
                (
                    "term",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to="layers.chiefterm",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-at", "-pk"],
            },
        ),
        migrations.CreateModel(
            name="NoticeWish",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("new", "新上报"),
                            ("task", "交给我们办的"),
                            ("asked", "等批复的申请"),
                            ("decided", "申请的批复"),
                            ("pressed", "督办与答复"),
                            ("due", "临期与超期"),
                            ("result", "反馈、核查与结案"),
                            ("dispute", "确权与异议"),
                            ("plan", "规划方案"),
                            ("office", "任职与代理"),
                        ],
                        max_length=8,
                    ),
                ),
                ("wanted", models.BooleanField(default=True)),
                (
                    "mail",
                    models.CharField(
                        choices=[("never", "不发"), ("once", "随时发"), ("daily", "每天一封")],
                        default="never",
                        max_length=5,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notice_wishes",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Outbox",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=80, unique=True)),
                ("verb", models.CharField(max_length=40)),
                ("subject_kind", models.CharField(max_length=40)),
                ("subject_id", models.BigIntegerField()),
                ("entry", models.BigIntegerField(blank=True, null=True)),
                ("at", models.DateTimeField()),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("stuck", models.BooleanField(default=False)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("stuck", False)), fields=["id"], name="outbox_waiting"
                    )
                ],
            },
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "waiting")), fields=["next_at"], name="delivery_due"
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["made_at"], name="delivery_old"),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                fields=("channel", "target", "about"), name="delivery_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(("channel__in", ["mail", "webhook", "robot"])),
                name="delivery_channel",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("sent_at__isnull", False), ("state", "sent")),
                    models.Q(("sent_at", None), ("state__in", ["waiting", "given_up", "unsure"])),
                    _connector="OR",
                ),
                name="delivery_sent_has_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("taken_until__isnull", True), ("state", "waiting"), _connector="OR"
                ),
                name="delivery_taken",
            ),
        ),
        migrations.AddIndex(
            model_name="attempt",
            index=models.Index(fields=["channel", "target", "-at"], name="attempt_newest"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["user", "-at"], name="notice_newest"),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("read_at__isnull", True)), fields=["user"], name="notice_unread"
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(fields=["at"], name="notice_old"),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(fields=("user", "key"), name="notice_once"),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "new",
                            "task",
                            "asked",
                            "decided",
                            "pressed",
                            "due",
                            "result",
                            "dispute",
                            "plan",
                            "office",
                        ],
                    )
                ),
                name="notice_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("incident__isnull", False),
                        ("plan", None),
                        ("publication", None),
                        ("term", None),
                    ),
                    models.Q(
                        ("incident", None),
                        ("plan__isnull", False),
                        ("publication", None),
                        ("term", None),
                    ),
                    models.Q(
                        ("incident", None),
                        ("plan", None),
                        ("publication__isnull", False),
                        ("term", None),
                    ),
                    models.Q(
                        ("incident", None),
                        ("plan", None),
                        ("publication", None),
                        ("term__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="notice_about_one_thing",
            ),
        ),
        migrations.AddConstraint(
            model_name="noticewish",
            constraint=models.UniqueConstraint(fields=("user", "kind"), name="noticewish_once"),
        ),
        migrations.AddConstraint(
            model_name="noticewish",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "new",
                            "task",
                            "asked",
                            "decided",
                            "pressed",
                            "due",
                            "result",
                            "dispute",
                            "plan",
                            "office",
                        ],
                    )
                ),
                name="noticewish_kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="noticewish",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("mail", "never"),
                    models.Q(("mail__in", ["once", "daily"]), ("wanted", True)),
                    _connector="OR",
                ),
                name="noticewish_mail",
            ),
        ),
        migrations.RunSQL(read("0064_notices")),
    ]
