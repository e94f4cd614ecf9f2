"""What the querysets show to whom, in the toy town."""

from gridmap.layers.rollup import CellStat
from gridmap.layers.scope import Scope
from gridmap.layers.territory import City
from tests import town as toy


def test_values_are_seen_only_in_ones_own_communities(town: City) -> None:
    of_a = {toy.cell("A", 1).pk, toy.cell("A", 2).pk}
    seen = CellStat.objects.within(toy.eyes("wang", "A"))
    assert set(seen.values_list("pk", flat=True)) == of_a
    assert CellStat.objects.within(toy.eyes("li")).count() == 4
    assert not CellStat.objects.within(Scope(user_id=None)).exists()
