"""Public codes: short, never of two kinds, and a slip of the hand is noticed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.layers.codes import ALPHABET, Kind, Named, public_code, read

IDS = st.integers(min_value=1, max_value=2**63 - 1)
KINDS: st.SearchStrategy[Kind] = st.sampled_from(["building", "lane"])


@given(kind=KINDS, ident=IDS)
def test_a_code_names_what_it_was_made_for(kind: Kind, ident: int) -> None:
    code = public_code(kind, ident)
    assert read(code) == Named(kind, id=ident)
    assert read(f" {code[:3].lower()}-{code[3:]} ") == Named(kind, id=ident)


@given(kind=KINDS, ident=IDS, place=st.integers(1, 20), sign=st.sampled_from(ALPHABET))
def test_one_wrong_sign_names_nothing(kind: Kind, ident: int, place: int, sign: str) -> None:
    code = public_code(kind, ident)
    place = 1 + place % (len(code) - 1)
    wrong = code[:place] + sign + code[place + 1 :]
    assert wrong == code or read(wrong) is None


@given(ident=IDS)
def test_a_building_is_never_taken_for_a_lane(ident: int) -> None:
    assert read("L" + public_code("building", ident)[1:]) is None
    assert read("B" + public_code("lane", ident)[1:]) is None


def test_a_cell_has_its_official_code() -> None:
    assert read("350404001001001") == Named("cell", cell="350404001001001")
    assert read("350404 001 001 001") == Named("cell", cell="350404001001001")


@pytest.mark.parametrize(
    "text",
    ["", "B", "B0000", "B0000000", "35040400100100", "３５０４０４００１００１００１", "Ω" * 6],
)
def test_what_is_no_code_names_nothing(text: str) -> None:
    assert read(text) is None


def test_a_code_fits_on_a_small_plate() -> None:
    assert [len(public_code("building", ident)) for ident in (1, 10**6, 10**9)] == [6, 6, 8]
