"""The demo's lines, duty points and signs: most are true, some show who was there before."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection

from gridmap.actions.demo.names import relay_phone
from gridmap.actions.demo.stage import Stage
from gridmap.actions.demo.territory import SINCE
from gridmap.layers.lines import CommunityLine, DutyPoint
from gridmap.layers.signs import Printing
from gridmap.layers.territory import Community

LINES_FROM = 900_000  # serial of the first line: none is a person's relay number
PRINTED_DAYS = 25  # ago: who came into office since does not stand on the signs
NEW_DAYS = 1
EVERY = 14  # one building of so many has a sign, and every lane and cell
WAITING = 6

# Where a thing lies is found as for any print list: gridmap_answering, or the like for lanes.
HUNG = """
WITH thing AS (
    SELECT 1 AS rank, e.cell_id AS cell, NULL::bigint AS lane, NULL::bigint AS building,
        NULL::bigint AS at_lane, NULL::bigint AS at_street, e.cell_id AS at_cell, c.community_id
    FROM layers_celledition AS e INNER JOIN layers_cell AS c ON c.id = e.cell_id
    INNER JOIN gridmap_city_of_cell AS y ON y.id = c.id
    WHERE y.city_id = %(city)s AND e.valid @> %(now)s::timestamptz
    UNION ALL
    SELECT 2, NULL, l.id, NULL, l.id,
        coalesce(l.street_id, gridmap_street_near(p.place, l.city_id)),
        gridmap_cell_at(p.place, l.city_id, %(now)s::timestamptz), l.community_id
    FROM layers_lane AS l
    CROSS JOIN LATERAL (SELECT ST_PointOnSurface(l.centreline) AS place) AS p
    WHERE l.city_id = %(city)s
    UNION ALL
    SELECT 3, NULL, NULL, b.id, h.lane, h.street, h.cell, h.community
    FROM (
        SELECT id, city_id, geom, row_number() OVER (ORDER BY code) AS nth
        FROM layers_building WHERE city_id = %(city)s
    ) AS b
    CROSS JOIN LATERAL gridmap_answering(
        ST_PointOnSurface(b.geom), b.city_id, b.id, %(now)s::timestamptz
    ) AS h
    WHERE b.nth %% %(every)s = 0
)

INSERT INTO layers_sign (
    city_id, serial, printing_id, cell_id, lane_id, building_id, at_lane_id, at_street_id,
    at_cell_id, at_community_id, shows, hung_at
)
SELECT %(city)s, row_number() OVER (ORDER BY rank, cell, lane, building), %(printing)s, cell, lane,
    building, at_lane, at_street, at_cell, community_id, '{}', %(hung)s::timestamptz
FROM thing
"""
SHOWN = """
UPDATE layers_sign AS s SET shows = g.shows
FROM gridmap_sign_shows(
    array(SELECT n.id FROM layers_sign AS n WHERE n.printing_id = %(printing)s), %(at)s::timestamptz
) AS g
WHERE g.sign = s.id
"""
# New sheets for some whose chief has changed: printed, not hung yet.
WAITING_SIGNS = """
INSERT INTO layers_sign (
    city_id, serial, printing_id, cell_id, lane_id, building_id, at_lane_id, at_street_id,
    at_cell_id, at_community_id, shows
)
SELECT s.city_id,
    s.serial + (SELECT max(m.serial) FROM layers_sign AS m WHERE m.city_id = s.city_id),
    %(printing)s, s.cell_id, s.lane_id, s.building_id, s.at_lane_id, s.at_street_id, s.at_cell_id,
    s.at_community_id, '{}'
FROM layers_sign AS s
INNER JOIN gridmap_sign_shows(
    array(SELECT n.id FROM layers_sign AS n WHERE n.printing_id = %(old)s), %(at)s::timestamptz
) AS g ON g.sign = s.id
WHERE g.shows <> s.shows ORDER BY s.serial LIMIT %(waiting)s
"""


def load_lines(stage: Stage) -> None:
    """Write the line and the duty point of every community."""
    stage.begin("lines")
    areas = Community.objects.filter(pk__in=stage.communities.values()).order_by("code")
    found = list(areas)
    stage.write(
        CommunityLine,
        "community_id phone hours valid",
        [
            (area.pk, relay_phone(LINES_FROM + n), "工作日 08:00–17:30", SINCE)
            for n, area in enumerate(found)
        ],
    )
    stage.write(
        DutyPoint,
        "city_id code name address hours place valid",
        [
            (
                stage.city.pk,
                f"D{n:02d}",
                f"{area.name}便民服务站",
                f"{area.name}中心（演示）",
                "每天 07:00–21:00",
                area.geom.point_on_surface.ewkb,
                SINCE,
            )
            for n, area in enumerate(found, 1)
        ],
    )


def load_signs(stage: Stage) -> None:
    """Write the ledger: what was printed some days ago hangs, and a few new sheets wait."""
    stage.begin("signs")
    old = stage.now - timedelta(days=PRINTED_DAYS)
    new = stage.now - timedelta(days=NEW_DAYS)
    printings = stage.write(
        Printing, "city_id at by_id paper", [(stage.city.pk, at, None, "A4") for at in (old, new)]
    )
    values: dict[str, int | datetime] = {
        "city": stage.city.pk,
        "now": stage.now,
        "every": EVERY,
        "waiting": WAITING,
    }
    with connection.cursor() as cursor:
        hung = {**values, "printing": printings[0], "hung": old + timedelta(days=1)}
        cursor.execute(HUNG, hung)
        stage.tick(0.5)
        cursor.execute("ANALYZE layers_sign")
        cursor.execute(SHOWN, {"printing": printings[0], "at": old})
        stage.tick(0.8)
        waiting = {**values, "printing": printings[1], "old": printings[0], "at": new}
        cursor.execute(WAITING_SIGNS, waiting)
        cursor.execute(SHOWN, {"printing": printings[1], "at": new})
        cursor.execute("SELECT count(*) FROM layers_sign WHERE city_id = %s", [stage.city.pk])
        stage.counts["signs"] = cursor.fetchone()[0]
