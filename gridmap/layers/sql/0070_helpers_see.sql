-- A department sees what it helps with (协办) on the map as it does in lists: Scope.sees() and
-- IncidentQuerySet.within() say the same.

-- Whoever helps no more is told that the incident is gone, like those it left in other ways.
ALTER TABLE tl_departure ADD COLUMN helpers bigint[] NOT NULL DEFAULT '{}';
CREATE OR REPLACE FUNCTION gridmap_incidents_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF tg_op = 'DELETE' THEN
        INSERT INTO tl_departure (at, incident_id, city_id, community_id, department_id, cell_id,
            street_id, lane_id, building_id, helpers)
        SELECT now(), o.id, o.city_id, o.community_id, o.department_id, o.cell_id, o.street_id,
            o.lane_id, o.building_id, o.helpers
        FROM removed AS o WHERE o.light <> 0;
    ELSE
        INSERT INTO tl_departure (at, incident_id, city_id, community_id, department_id, cell_id,
            street_id, lane_id, building_id, helpers)
        SELECT now(), o.id, o.city_id, o.community_id, o.department_id, o.cell_id, o.street_id,
            o.lane_id, o.building_id, o.helpers
        FROM removed AS o INNER JOIN changed AS n ON n.id = o.id
        WHERE o.light <> 0 AND (n.city_id, n.community_id, n.department_id, n.cell_id, n.street_id,
            n.lane_id, n.building_id, n.helpers)
            IS DISTINCT FROM (o.city_id, o.community_id, o.department_id, o.cell_id, o.street_id,
                o.lane_id, o.building_id, o.helpers);
    END IF;
    RETURN NULL;
END
$$;

-- Open incidents that are somebody's business one by one: those that some departments lead or help
-- with, the same of a department in one community (two arrays side by side), and those at some
-- objects.
CREATE OR REPLACE FUNCTION gridmap_open_of(
    city bigint, departments bigint[], assigned bigint[], assigned_in bigint[],
    streets bigint[], lanes bigint[], buildings bigint[]
)
RETURNS SETOF bigint
LANGUAGE sql STABLE AS $$
    SELECT i.id FROM layers_incident AS i
    WHERE i.city_id = gridmap_open_of.city AND i.light <> 0 AND i.department_id = ANY (departments)
    UNION
    SELECT i.id FROM unnest(assigned, assigned_in) AS a (department, community)
    INNER JOIN layers_incident AS i
        ON i.department_id = a.department AND i.community_id = a.community
    WHERE i.city_id = gridmap_open_of.city AND i.light <> 0
    UNION
    SELECT i.id FROM layers_incident AS i
    WHERE i.city_id = gridmap_open_of.city AND i.light <> 0
        AND i.helpers <> '{}' AND i.helpers && departments
    UNION
    SELECT i.id FROM unnest(assigned, assigned_in) AS a (department, community)
    INNER JOIN layers_incident AS i
        ON i.helpers @> ARRAY[a.department] AND i.community_id = a.community
    WHERE i.city_id = gridmap_open_of.city AND i.light <> 0 AND i.helpers <> '{}'
    UNION
    SELECT i.id FROM layers_incident AS i
    WHERE i.city_id = gridmap_open_of.city AND i.light <> 0 AND i.street_id = ANY (streets)
    UNION
    SELECT i.id FROM layers_incident AS i
    WHERE i.city_id = gridmap_open_of.city AND i.light <> 0 AND i.lane_id = ANY (lanes)
    UNION
    SELECT i.id FROM layers_incident AS i
    WHERE i.city_id = gridmap_open_of.city AND i.light <> 0 AND i.building_id = ANY (buildings)
$$;

-- What stood open at a moment: its cell and light then, and whose it is. Before it was filed its
-- clock stood still.
DROP FUNCTION gridmap_open_at(bigint, bigint, timestamptz, timestamptz, timestamptz);
CREATE FUNCTION gridmap_open_at(
    city bigint, kind bigint, since timestamptz, until timestamptz, moment timestamptz
)
RETURNS TABLE (cell bigint, department bigint, helpers bigint[], light smallint)
LANGUAGE sql STABLE AS $$
    SELECT coalesce(h.cell, gridmap_cell_at(i.place, i.city_id, moment)), i.department_id,
        i.helpers,
        CASE WHEN f.filed IS NULL THEN 1::smallint
            ELSE gridmap_light('filed', false, i.soon_at, i.due, moment) END
    FROM layers_incident AS i
    CROSS JOIN LATERAL (SELECT CASE WHEN i.filed_at <= moment THEN i.filed_at END AS filed) AS f
    LEFT JOIN gridmap_cells_at(gridmap_open_at.city, moment) AS h ON h.cell = i.cell_id AND h.same
    WHERE i.city_id = gridmap_open_at.city AND i.reported_at <= moment
        AND (i.closed_at IS NULL OR i.closed_at > moment)
        AND (kind IS NULL OR i.category_id = kind)
        AND coalesce(f.filed, i.reported_at) >= coalesce(since, '-infinity')
        AND coalesce(f.filed, i.reported_at) < coalesce(until, 'infinity')
$$;

-- The overlay of a city as it was at a moment, as in 0033; departments see what they help with.
CREATE OR REPLACE FUNCTION gridmap_overlay_at(
    city bigint, communities bigint[], own_cells bigint[], departments bigint[], kind bigint,
    since date, until date, moment timestamptz
)
RETURNS TABLE (cell bigint, figures integer[])
LANGUAGE plpgsql STABLE AS $$
DECLARE
    zone text := (SELECT y.time_zone FROM layers_city AS y WHERE y.id = city);
    opens timestamptz := since::timestamp AT TIME ZONE zone;
    closes timestamptz := (until + 1)::timestamp AT TIME ZONE zone;
    known text[] := gridmap_known_at(city, moment);
BEGIN
    RETURN QUERY
    WITH cells AS MATERIALIZED (
        SELECT c.cell,
            communities IS NULL OR c.community = ANY (communities) OR c.cell = ANY (own_cells) AS own
        FROM gridmap_cells_at(city, moment) AS c
    ), o AS (
        SELECT i.cell, ARRAY[
            count(*), count(*) FILTER (WHERE i.light = 2), count(*) FILTER (WHERE i.light = 3)
        ]::integer[] AS n
        FROM gridmap_open_at(city, kind, opens, closes, moment) AS i
        INNER JOIN cells AS c ON c.cell = i.cell AND (
            c.own OR i.department = ANY (departments) OR i.helpers && departments
        )
        WHERE 'incidents' = ANY (known)
        GROUP BY i.cell
    ), f AS (
        SELECT v.cell, gridmap_tally(array_agg(v.class) FILTER (WHERE v.thing = 'stretch'), 0, 7)
            || gridmap_tally(array_agg(v.class) FILTER (WHERE v.thing = 'entrance'), 0, 7) AS n
        FROM gridmap_freshness_at(city, moment) AS v WHERE 'coverage' = ANY (known) GROUP BY v.cell
    ), s AS (
        SELECT v.cell, gridmap_tally(array_agg(v.class) FILTER (WHERE v.rung = 'street'), 1, 4)
            || gridmap_tally(array_agg(v.class) FILTER (WHERE v.rung = 'lane'), 1, 4)
            || gridmap_tally(array_agg(v.class) FILTER (WHERE v.rung = 'building'), 1, 4) AS n
        FROM gridmap_standing_at(city, moment) AS v WHERE 'chiefs' = ANY (known) GROUP BY v.cell
    )
    SELECT c.cell,
        CASE WHEN 'incidents' = ANY (known) THEN coalesce(o.n, '{0,0,0}') ELSE '{}' END
        || CASE WHEN 'coverage' = ANY (known)
            THEN coalesce(CASE WHEN c.own THEN f.n END, array_fill(0, ARRAY[14])) ELSE '{}' END
        || CASE WHEN 'chiefs' = ANY (known)
            THEN coalesce(CASE WHEN c.own THEN s.n END, array_fill(0, ARRAY[12])) ELSE '{}' END
    FROM cells AS c
    LEFT JOIN o ON o.cell = c.cell LEFT JOIN f ON f.cell = c.cell LEFT JOIN s ON s.cell = c.cell
    WHERE c.own OR o.cell IS NOT NULL;
END
$$;
