"""The journal: one row a change, kept as it was written."""

from gridmap.layers import journal
from gridmap.layers.journal import Entry
from gridmap.layers.territory import City
from tests import town as toy


def test_an_entry_keeps_the_reason_in_the_words_of_whoever_gave_it(town: City) -> None:
    by = toy.eyes("wang", "A")
    journal.record(by=by, verb="look", subject=town, why="居民来电核实")
    journal.record(by=by, verb="look", subject=town)
    assert list(Entry.objects.order_by("pk").values_list("why", flat=True)) == ["居民来电核实", ""]
