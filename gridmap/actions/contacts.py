"""Opening what a reporter left to be reached by, and forgetting it when its case is over."""

from django.db import transaction

from gridmap.errors import BadValue, NotYours, OutOfScope
from gridmap.layers import journal
from gridmap.layers.contacts import REASON, Contact
from gridmap.layers.incidents import Incident
from gridmap.layers.scope import Scope

LONGEST = 200  # letters of a reason


@transaction.atomic
def open_contact(*, by: Scope, incident: int, why: str) -> Contact:
    """Show a contact in full, and write down who asked for it and why.

    Args:
        by: who asks; must be allowed to see contacts where the incident is.
        incident: its id.
        why: the reason, in the words of whoever asks.

    Raises:
        OutOfScope: no such incident, not the caller's, or nobody left a contact.
        NotYours: the caller's posts do not include it.
        BadValue: no reason worth the name.
    """
    found = (
        Contact.objects.within(by).select_related("incident").filter(incident_id=incident).first()
    )
    if found is None:
        raise OutOfScope("没有找到，或不在您的范围内")
    case = found.incident
    if not found.may_be_opened(by):
        raise NotYours("您的岗位在这里不能做这件事", verb="see_contacts")
    reason = " ".join(why.split())
    if not REASON <= len(reason) <= LONGEST:
        raise BadValue(
            "查看联系方式要写明事由（%(least)s 到 %(most)s 个字）", least=REASON, most=LONGEST
        )
    journal.record(
        by=by,
        verb="open_contact",
        subject=case,
        where=(case.city_id, case.community_id, case.cell_id),
        why=reason,
    )
    return found


@transaction.atomic
def erase_contacts(*, by: Scope) -> int:
    """Delete the contacts whose cases ended long enough ago; return how many went.

    Nothing of them remains: they are in no other table. The journal keeps only the number.
    """
    erased = 0
    for city in by.cities:
        gone, _ = Contact.objects.over().filter(incident__city_id=city).delete()
        erased += gone
        if gone:
            journal.record(
                by=by,
                verb="erase_contacts",
                subject=Incident(pk=None),
                where=(city, None, None),
                change=({}, {"erased": gone}),
            )
    return erased
