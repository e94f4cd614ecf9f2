"""A moment in few letters: the year is told only where it is not this one."""

from __future__ import annotations

from datetime import date, datetime, tzinfo

from django.utils import timezone


def short(moment: datetime, zone: tzinfo | None = None) -> str:
    """Return a moment in a zone (that of the request by default): 11-30 10:48."""
    local = timezone.localtime(moment, zone)
    return f"{short_day(local.date(), zone)} {local:%H:%M}"


def short_day(day: date, zone: tzinfo | None = None) -> str:
    """Return a day: 11-30, or 2027-01-22 in another year."""
    this_year = timezone.localtime(timezone=zone).year
    return f"{day:%m-%d}" if day.year == this_year else f"{day:%Y-%m-%d}"
