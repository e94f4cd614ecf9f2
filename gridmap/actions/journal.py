"""Closing the journal's days, so that a change of what it tells is seen."""

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from gridmap.layers import journal
from gridmap.layers.journal import JournalSeal
from gridmap.layers.scope import Scope

log = logging.getLogger(__name__)


@transaction.atomic
def seal_journal(*, by: Scope) -> JournalSeal | None:
    """Check the journal, then seal and sign what was told up to yesterday; once a day.

    A journal that was changed is not sealed: that is told to the log of the process, which stands
    outside the database, and to the journal itself.
    """
    yesterday = timezone.localdate() - timedelta(days=1)
    if JournalSeal.objects.filter(day__gte=yesterday).exists():
        return None
    made = JournalSeal.upto(yesterday)
    if made is None:
        return None
    if faults := journal.faults():
        log.error("the journal was changed: %s", "; ".join(faults))
        journal.record(by=by, verb="seal_refused", subject=made, why="; ".join(faults)[:2000])
        return None
    made.save()
    log.info("the journal is sealed: %s", made.told)
    after = {"day": f"{made.day:%F}", "entries": made.entries}
    journal.record(by=by, verb="seal", subject=made, change=({}, after))
    return made
