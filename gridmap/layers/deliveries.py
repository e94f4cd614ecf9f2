"""Deliveries: messages on their way out of the house, each tried until it arrives.

One that its far side refuses for a day, or of which nobody knows whether it arrived, is set aside:
whoever minds the channels (``carry``) sends it again or drops it.

What leaves names a case by its number, sort, community and department: no words of a reporter, no
person. Addresses and secrets stand in the settings alone.
"""

from __future__ import annotations

from typing import Self
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from gridmap.layers.scope import Scope
from gridmap.layers.territory import City


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def within(self, scope: Scope) -> Self:
        """Deliveries of the cities whose channels the caller minds."""
        return self.filter(city__in=scope.cities_where("carry"))

    def set_aside(self) -> Self:
        """Those that wait for a person."""
        return self.filter(state__in=SET_ASIDE)


class Delivery(models.Model):
    """One message to one target; its key goes along, so that a receiver knows it again."""

    class Channel(models.TextChoices):
        MAIL = "mail", "邮件"
        WEBHOOK = "webhook", "网络回调"
        ROBOT = "robot", "企业微信群机器人"

    class State(models.TextChoices):
        WAITING = "waiting", "待发"
        SENT = "sent", "已送达"
        GIVEN_UP = "given_up", "没送到"
        UNSURE = "unsure", "不知是否送达"
        DROPPED = "dropped", "不再发"

    city = models.ForeignKey(City, models.CASCADE, related_name="deliveries")
    key = models.UUIDField(default=uuid4, unique=True, editable=False)
    channel = models.CharField(max_length=8, choices=Channel)
    target = models.CharField(max_length=80)  # a user's number, or a name in the settings
    about = models.CharField(max_length=80)  # key of the outbox, or of a day's gathered mail
    body = models.JSONField()
    made_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    taken_until = models.DateTimeField(null=True, blank=True)  # a worker is trying it
    sent_at = models.DateTimeField(null=True, blank=True)
    trouble = models.CharField(max_length=200, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("外发通知")
        verbose_name_plural = _("外发通知")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["channel", "target", "about"], name="delivery_once"),
            models.CheckConstraint(
                condition=Q(channel__in=["mail", "webhook", "robot"]), name="delivery_channel"
            ),
            models.CheckConstraint(
                condition=Q(state="sent", sent_at__isnull=False)
                | Q(state__in=["waiting", "given_up", "unsure", "dropped"], sent_at=None),
                name="delivery_sent_has_time",
            ),
            models.CheckConstraint(
                condition=Q(taken_until__isnull=True) | Q(state="waiting"), name="delivery_taken"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at"], name="delivery_due", condition=Q(state="waiting")
            ),
            models.Index(fields=["made_at"], name="delivery_old"),
            models.Index(
                fields=["city"],
                name="delivery_aside",
                condition=Q(state__in=["given_up", "unsure"]),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.channel} {self.target} {self.about}"


SET_ASIDE = (Delivery.State.GIVEN_UP, Delivery.State.UNSURE)


class Attempt(models.Model):
    """One try; written before it is made, so that one that was cut off is known too."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attempts")
    channel = models.CharField(max_length=8)
    target = models.CharField(max_length=80)
    at = models.DateTimeField(auto_now_add=True)
    trouble = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(fields=["channel", "target", "-at"], name="attempt_newest")]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.at:%F %T} {self.trouble}"
