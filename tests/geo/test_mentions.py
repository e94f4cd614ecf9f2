"""A line of WeChat and the place it speaks of."""

import json
from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from gridmap.actions.demo.catalogue import KINDS
from gridmap.geo import complaints
from gridmap.geo.hearing import Stems
from gridmap.geo.mentions import Mention, Named, mentions, parts

HERE = Path(__file__).resolve().parent
FIXTURES = HERE.parent.parent / "fixtures/geojson"
MESSAGES = json.loads((HERE / "messages.json").read_text(encoding="utf-8"))
RIGHT_PLACES = RIGHT_CATEGORIES = 90  # of the hundred


def properties(layer: str) -> list[dict[str, Any]]:
    text = (FIXTURES / f"{layer}.geojson").read_text(encoding="utf-8")
    return [feature["properties"] for feature in json.loads(text)["features"]]


@cache
def town() -> dict[str, list[Named]]:
    """Every name of the demo town by its stem."""
    by_stem: dict[str, list[Named]] = defaultdict(list)
    for index, row in enumerate(properties("buildings")):
        for name in filter(None, (row["name"], row["address"])):
            by_stem[parts(name)[0]].append(Named("building", index, name))
    for kind in ("lane", "street"):
        for index, row in enumerate(properties(f"{kind}s")):
            if row["name"]:
                by_stem[row["name"]].append(Named(kind, index, row["name"]))
    return by_stem


@cache
def stems() -> Stems:
    return Stems(town())


def proposed(sentence: str) -> list[Mention]:
    def places(stems: Sequence[str]) -> list[Named]:
        return [place for stem in stems for place in town()[stem]]

    return mentions([sentence], stems(), places)[0]


def first(sentence: str) -> str:
    return proposed(sentence)[0].place.name


def test_of_a_hundred_messages_ninety_have_the_right_building_in_the_first_three() -> None:
    addresses = [row["address"] for row in properties("buildings")]
    assert len({message["text"] for message in MESSAGES}) == len(MESSAGES) == 100
    right, foremost, missed = 0, 0, []
    for message in MESSAGES:
        found = [
            addresses[mention.place.id]
            for mention in proposed(message["text"])
            if mention.place.kind == "building"
        ]
        right += message["building"] in found
        foremost += message["building"] in found[:1]
        if message["building"] not in found:
            missed.append(f"{message['text']} ({message['named']}, {message['noise']})")
    print(f"\nright building first {foremost}, in the first three {right} of 100:")  # noqa: T201
    print(*missed, sep="\n")  # noqa: T201
    assert right >= RIGHT_PLACES


def test_of_the_same_messages_most_have_the_right_category_first() -> None:
    kinds = [kind.name for kind in KINDS]
    right = sum(
        message["category"] in complaints.likeliest(message["text"], kinds)[:1]
        for message in MESSAGES
    )
    print(f"\nright category first: {right} of 100")  # noqa: T201
    assert right >= RIGHT_CATEGORIES


def test_the_story_of_the_paper() -> None:
    assert first("福清商会大厦边上有装修垃圾") == "福清商会大厦"
    assert complaints.likeliest("福清商会大厦边上有装修垃圾", ["暴露垃圾", "建筑垃圾"]) == [
        "建筑垃圾", "暴露垃圾"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sentence", "place"),
    [
        ("阳光城三栋门口灯不亮", "阳光城小区 3 幢"),
        ("石乔弄2号对面垃圾没人收", "石桥弄 2 号"),
        ("东新5路１２号 井盖坏了", "东新五路 12 号"),
        ("江滨路的灯坏了", "江滨路"),
        ("玖珑二十巷三号楼下有人摆摊", "玖珑二十巷 3 号"),
        ("杨光城小区第十四幢旁边", "阳光城小区 14 幢"),
    ],
)
def test_people_write_what_they_say(sentence: str, place: str) -> None:
    assert first(sentence) == place


def test_the_unit_is_told_apart_from_the_house() -> None:
    mention = proposed("阳光城3栋2单元门口灯不亮")[0]
    assert (mention.place.name, mention.door) == ("阳光城小区 3 幢", 2)


@pytest.mark.parametrize("sentence", ["", "大家早上好", "收到", "。" * 600, "1234567890"])
def test_a_sentence_about_no_place_proposes_none(sentence: str) -> None:
    assert proposed(sentence) == []


def test_of_equal_houses_the_one_in_the_own_area_comes_first() -> None:
    names = [Named("building", 1, "榕树巷 1 号"), Named("building", 2, "榕树巷 1 号", near=True)]
    (found,) = mentions(["榕树巷1号有垃圾"], Stems(["榕树巷"]), lambda _: names)
    assert [mention.place.id for mention in found] == [2, 1]


def test_what_many_sentences_speak_of_is_asked_once() -> None:
    asked: list[list[str]] = []

    def places(wanted: Sequence[str]) -> list[Named]:
        asked.append(sorted(wanted))
        return [Named("lane", len(stem), stem) for stem in wanted]

    known = Stems(["榕树巷", "新市中路", "西安里"])
    sentences = ["榕树巷的灯坏了", "收到", "新市中路和榕树巷口", ""]
    found = mentions(sentences, known, places)
    assert asked == [["新市中路", "榕树巷"]]
    assert [[one.place.name for one in some] for some in found] == [
        ["榕树巷"], [], ["新市中路", "榕树巷"], []
    ]  # fmt: skip
    assert mentions(["收到"], known, places) == [[]]
    assert len(asked) == 1, "of what is not heard nothing is asked"


def test_a_category_of_any_name_is_found_by_its_own_words() -> None:
    assert complaints.likeliest("河道里漂着死鱼", ["河道漂浮物", "路灯不亮"]) == ["河道漂浮物"]
    assert complaints.likeliest("谢谢", ["河道漂浮物", "路灯不亮"]) == []
