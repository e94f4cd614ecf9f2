"""Names of places and offices on the pages, in the reader's language."""

import pytest
from django.template import Context, Template
from django.utils import translation

from gridmap.layers.people import Department
from gridmap.layers.territory import City, Community
from tests import town as toy

WHERE = "{{ city|named }} · {{ community.name|place }} · {{ department|named }}"


def read(language: str, **known: object) -> str:
    with translation.override(language):
        return Template(WHERE).render(Context(known))


def test_a_page_names_places_and_departments_in_the_language_of_the_reader(town: City) -> None:
    City.objects.update(name_en="Toy City")
    Department.objects.filter(code="sanitation").update(name_en="Sanitation")
    known = {
        "city": City.objects.get(),
        "community": Community.objects.get(pk=toy.community("A").pk),
        "department": Department.objects.get(code="sanitation"),
    }
    assert read("en", **known) == "Toy City · Jia Community · Sanitation"
    assert read("zh-hans", **known) == f"{town.name} · 甲社区 · 环卫"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_what_is_not_known_has_no_name(language: str) -> None:
    assert read(language) == " ·  · "
