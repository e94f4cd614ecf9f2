"""The inner loops move a cell's sums along with its units; they must be what a recount gives."""

import numpy as np
import pytest

from gridmap.geo.partition.kernel import Aim, Cells, Desk, net_of, room_for
from gridmap.geo.partition.regions import count_cells
from gridmap.geo.partition.speed import back, row
from gridmap.geo.partition.sweeps import flips, is_bad
from gridmap.geo.partition.triples import retriple
from tests.geo.board import bands, graph

AIM = Aim(400.0, 320.0, 480.0, 2.0, 0.1, 0.1, 20.0, 60.0, 1.0, 1.0, 0.0, 1.0)


def test_after_triples_and_flips_taken_or_not_the_sums_are_those_of_a_recount() -> None:
    one = graph(16, 4, {5: 180, 40: 0})
    label = row(bands(16, 4, 2))
    sums = [row(np.zeros(8)) for _ in range(3)]
    numbers = [row(np.zeros(8, dtype=np.int64)) for _ in range(2)]
    cells = Cells(label, row(bands(16, 4, 2)), *sums, *numbers)
    net = net_of(one, row(np.full(64, -1)))
    count_cells(net, cells)
    desk = Desk(net, cells, room_for(one, 3), AIM)
    taken = [retriple(desk, 2 * cell, (cell, cell + 1, cell + 2), 3) for cell in range(6)] * 2
    assert not all(taken), "some were taken back"
    flips(desk, 0)
    kept = [np.array(back(values)) for values in (*sums, numbers[0])]
    count_cells(net, cells)
    for before, after in zip(kept, (*sums, numbers[0]), strict=True):
        assert np.allclose(before, back(after))


@pytest.mark.parametrize(
    ("households", "bad"), [(440, False), (441, True), (360, False), (359, True)]
)
def test_a_cell_a_tenth_off_is_good_and_one_household_more_is_not(
    households: int, *, bad: bool
) -> None:
    cells = Cells(
        row(np.zeros(4, dtype=np.int64)),
        row(np.zeros(4, dtype=np.int64)),
        *(row(np.array([float(households)])) for _ in range(3)),
        *(row(np.array([4])) for _ in range(2)),
    )
    assert is_bad(cells, 0, AIM) is bad
