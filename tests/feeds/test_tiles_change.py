"""What becomes of tiles when the town changes."""

from gridmap.layers.places import Building
from gridmap.layers.scope import Scope
from tests import town as toy
from tests.feeds import asking
from tests.feeds.asking import ask, bearing, run
from tests.feeds.test_tiles import TOY, address_at, around


def test_another_citys_rows_stay_out(mayor: Scope) -> None:
    before = {name: set(rows) for name, rows in around(mayor, 16).items()}
    run(
        "INSERT INTO layers_city (slug, code, name, name_en, former_name, metric_srid, time_zone, "
        "bounds, demo, edition, approval, public_card) SELECT 'twin', '350400', '邻城', '', '', "
        "metric_srid, time_zone, bounds, false, 1, '', false FROM layers_city"
    )
    run(
        "INSERT INTO layers_building (city_id, code, name, address, number, aliases, search, kind, "
        "geom) SELECT y.id, 'T' || b.id, '', '', '', '{}', '', '', b.geom "
        "FROM layers_building b, layers_city y WHERE y.slug = 'twin'"
    )
    assert {name: set(rows) for name, rows in around(mayor, 16).items()} == before


def test_a_big_tile_is_packed_for_those_who_can_unpack(mayor: Scope) -> None:
    for number in range(100):
        Building.objects.create(
            city=toy.city(), code=f"N{number}", kind="slab", geom=toy.box(3 * number, 20, 2, 9)
        )
    x, y = address_at(16, toy.at(*TOY))
    address = f"/feeds/tiles/{toy.city().edition_name}/16/{x}/{y}.mvt"
    plain = ask(address, bearing(mayor))
    packed = ask(address, {**bearing(mayor), "accept-encoding": "gzip, br"})
    assert packed.headers["content-encoding"] == "gzip"
    assert len(packed.body) < len(plain.body)
    assert asking.unpacked(packed) == plain.body
    assert packed.headers["etag"] != plain.headers["etag"]


def test_a_replaced_edition_names_the_one_in_force(mayor: Scope) -> None:
    old = toy.city().edition_name
    Building.objects.filter(code="B1").update(name="新名")
    new = toy.city().edition_name
    tile = f"16/{'/'.join(map(str, address_at(16, toy.at(*TOY))))}.mvt"
    gone = ask(f"/feeds/tiles/{old}/{tile}", bearing(mayor))
    assert gone.status == 410
    assert gone.json["code"] == "EditionGone"
    assert gone.json["detail"] == {"edition": new}
    held = ask(f"/feeds/tiles/{old}/{tile}", {**bearing(mayor), "if-none-match": "*"})
    assert held.status == 410
    assert ask(f"/feeds/tiles/{new}/{tile}", bearing(mayor)).status == 200
