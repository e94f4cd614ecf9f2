"""Names are found by their sound."""

import pytest

from gridmap.geo.pinyin import english, search_text


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("重化社区", {"重化社区", "zhonghuashequ", "chonghuashequ", "zhsq", "chsq"}),
        ("列东街道", {"列东街道", "liedongjiedao", "ldjd"}),
        ("重庆路", {"重庆路", "chongqinglu", "cql"}),
        ("榕树巷 12号", {"榕树巷", "12号", "rongshuxiang12hao", "rsx12h"}),
        ("国金中心IFC", {"国金中心ifc", "guojinzhongxinifc"}),
    ],
)
def test_a_name_is_found_by_itself_its_pinyin_and_its_initials(name: str, words: set[str]) -> None:
    assert words <= set(search_text(name).split())


def test_a_latin_name_is_kept_in_small_letters() -> None:
    assert search_text("Rue de la Gare") == "rue de la gare"


def test_several_names_are_found_by_any_of_them() -> None:
    text = search_text("和平街", "老街", "和平街", "")
    assert {"hepingjie", "laojie"} <= set(text.split())
    assert text.count("和平街") == 1


def test_control_characters_never_reach_the_database() -> None:
    assert search_text("A\x00座\r\n") == "a 座 azuo az"


@pytest.mark.parametrize(
    ("name", "spelled"),
    [
        ("榕树巷", "Rongshu Xiang"),
        ("新市中路", "Xinshi Zhonglu"),
        ("东新二路", "Dongxin Er Lu"),
        ("三路广场", "Sanlu Guangchang"),
        ("西安里", "Xi'an Li"),
        ("沙溪", "Shaxi"),
        ("重庆路", "Chongqing Lu"),
        ("一路社区", "Yilu Community"),
        ("列东街道", "Liedong Subdistrict"),
        ("第八网格", "Cell 8"),
        ("第二十三网格", "Cell 23"),
        ("一路医院专属网格", "Yilu Yiyuan special cell"),
        ("江滨社区巡防一队", "Jiangbin Community Patrol Team 1"),
        ("Main Street", "Main Street"),
        ("", ""),
    ],
)
def test_a_name_is_spelled_as_on_the_sign_in_the_street(name: str, spelled: str) -> None:
    assert english(name) == spelled
