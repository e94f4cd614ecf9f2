-- The map of a past moment, and one way to tell the standing of an object.
--
-- The past is worked out when it is asked for, from the dated rows themselves: editions, terms,
-- visits, and the times of incidents. What these do not tell (whether an incident was parked then)
-- is left out, never guessed.

-- Terms by what they are about; a rung that is not asked for costs nothing.
CREATE VIEW gridmap_term AS
SELECT 'street' AS rung, t.street_id AS object, t.standing, t.valid
FROM layers_chiefterm AS t
WHERE t.street_id IS NOT NULL
UNION ALL
SELECT 'lane' AS rung, t.lane_id AS object, t.standing, t.valid
FROM layers_chiefterm AS t
WHERE t.lane_id IS NOT NULL
UNION ALL
SELECT 'building' AS rung, t.building_id AS object, t.standing, t.valid
FROM layers_chiefterm AS t
WHERE t.building_id IS NOT NULL;

-- Standing of a street, lane or building at a moment; classes of gridmap_standing().
CREATE FUNCTION gridmap_standing_of(rung text, object bigint, moment timestamptz) RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT gridmap_standing(
        bool_or(t.standing = 'substitute'),
        array_agg(upper(t.valid)) FILTER (WHERE t.standing = 'acting'), moment)
    FROM gridmap_term AS t
    WHERE t.rung = gridmap_standing_of.rung AND t.object = gridmap_standing_of.object AND t.valid @> moment
$$;

CREATE OR REPLACE FUNCTION gridmap_count_cells(cells bigint[])
RETURNS TABLE (cell bigint, city bigint, today date, stretches int[], entrances int[], chiefs int[])
LANGUAGE sql STABLE AS $$
    SELECT c.id, y.id, d.today,
        gridmap_tally(array(
            SELECT gridmap_freshness((seen.at AT TIME ZONE y.time_zone)::date, s.interval_days, d.today)
            FROM layers_stretch AS s LEFT JOIN layers_stretchseen AS seen ON seen.stretch_id = s.id
            WHERE s.cell_id = c.id
        ), 0, 7),
        gridmap_tally(array(
            SELECT gridmap_freshness((seen.at AT TIME ZONE y.time_zone)::date, e.interval_days, d.today)
            FROM layers_entrance AS e LEFT JOIN layers_entranceseen AS seen ON seen.entrance_id = e.id
            WHERE e.cell_id = c.id
        ), 0, 7),
        gridmap_tally(array(
            SELECT gridmap_standing_of('street', o.street_id, now())
            FROM (SELECT DISTINCT w.street_id FROM gridmap_cell_way AS w WHERE w.cell_id = c.id) AS o
            WHERE o.street_id IS NOT NULL
        ), 1, 4) || gridmap_tally(array(
            SELECT gridmap_standing_of('lane', o.lane_id, now())
            FROM (SELECT DISTINCT w.lane_id FROM gridmap_cell_way AS w WHERE w.cell_id = c.id) AS o
            WHERE o.lane_id IS NOT NULL
        ), 1, 4) || gridmap_tally(array(
            SELECT gridmap_standing_of('building', b.id, now())
            FROM layers_building AS b WHERE b.cell_id = c.id
        ), 1, 4)
    FROM layers_cell AS c
    INNER JOIN layers_community AS k ON k.id = c.community_id
    INNER JOIN layers_subdistrict AS u ON u.id = k.subdistrict_id
    INNER JOIN layers_city AS y ON y.id = u.city_id
    CROSS JOIN LATERAL (SELECT (now() AT TIME ZONE y.time_zone)::date AS today) AS d
    WHERE c.id = ANY (cells)
$$;

DROP FUNCTION gridmap_street_standing(bigint, timestamptz);
DROP FUNCTION gridmap_lane_standing(bigint, timestamptz);
DROP FUNCTION gridmap_building_standing(bigint, timestamptz);

-- The cells of a moment: identity, community, and whether they cover the same ground today. What
-- lies in such a cell today lay in it then; of the others each thing's place is looked up.
CREATE FUNCTION gridmap_cells_at(city bigint, moment timestamptz)
RETURNS TABLE (cell bigint, community bigint, same boolean)
LANGUAGE sql STABLE AS $$
    SELECT e.cell_id, c.community_id, n.id IS NOT NULL AND ST_OrderingEquals(n.geom, e.geom)
    FROM layers_celledition AS e
    INNER JOIN layers_cell AS c ON c.id = e.cell_id
    INNER JOIN layers_community AS k ON k.id = c.community_id
    INNER JOIN layers_subdistrict AS s ON s.id = k.subdistrict_id
    LEFT JOIN layers_celledition AS n ON n.cell_id = e.cell_id AND n.valid @> now()
    WHERE s.city_id = gridmap_cells_at.city AND e.valid @> moment
$$;

-- The same drawn, for a tile: those whose box meets a place of EPSG:3857.
CREATE FUNCTION gridmap_cells_drawn_at(city bigint, reach geometry, moment timestamptz)
RETURNS TABLE (id bigint, city_id bigint, geom geometry)
LANGUAGE sql STABLE AS $$
    SELECT e.cell_id, s.city_id, gridmap_shown(e.geom)
    FROM layers_celledition AS e
    INNER JOIN layers_cell AS c ON c.id = e.cell_id
    INNER JOIN layers_community AS k ON k.id = c.community_id
    INNER JOIN layers_subdistrict AS s ON s.id = k.subdistrict_id
    WHERE s.city_id = gridmap_cells_drawn_at.city AND e.valid @> moment
        AND e.geom && ST_Transform(reach, 4326)
$$;

-- Of which subjects there are records that reach back to a moment: figures of the others are not
-- known for it.
CREATE FUNCTION gridmap_known_at(city bigint, moment timestamptz) RETURNS text[]
LANGUAGE sql STABLE AS $$
    SELECT array_remove(ARRAY[
        CASE WHEN EXISTS (
            SELECT FROM layers_incident AS i
            WHERE i.city_id = gridmap_known_at.city AND i.reported_at <= moment
        ) THEN 'incidents' END,
        CASE WHEN EXISTS (
            SELECT FROM layers_visit AS v WHERE v.city_id = gridmap_known_at.city AND v.at <= moment
        ) THEN 'coverage' END,
        CASE WHEN EXISTS (
            SELECT FROM layers_chiefterm AS t INNER JOIN layers_person AS p ON p.id = t.person_id
            WHERE p.city_id = gridmap_known_at.city AND (lower_inf(t.valid) OR lower(t.valid) <= moment)
        ) THEN 'chiefs' END
    ], NULL)
$$;

-- What stood open at a moment: its cell and light then. Before it was filed its clock stood still.
CREATE FUNCTION gridmap_open_at(
    city bigint, kind bigint, since timestamptz, until timestamptz, moment timestamptz
)
RETURNS TABLE (cell bigint, department bigint, light smallint)
LANGUAGE sql STABLE AS $$
    SELECT coalesce(h.cell, gridmap_cell_at(i.place, i.city_id, moment)), i.department_id,
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

-- Freshness of every stretch and entrance at a moment, in its cell of then.
CREATE FUNCTION gridmap_freshness_at(city bigint, moment timestamptz)
RETURNS TABLE (cell bigint, thing text, class integer)
LANGUAGE sql STABLE AS $$
    WITH p AS (
        SELECT 'stretch' AS thing, s.cell_id, s.anchor AS place, s.interval_days, seen.at
        FROM layers_stretch AS s LEFT JOIN LATERAL (
            SELECT v.at FROM layers_visit AS v WHERE v.stretch_id = s.id AND v.at <= moment
            ORDER BY v.at DESC LIMIT 1
        ) AS seen ON TRUE
        WHERE s.city_id = gridmap_freshness_at.city
        UNION ALL
        SELECT 'entrance', e.cell_id, e.place, e.interval_days, seen.at
        FROM layers_entrance AS e
        INNER JOIN layers_building AS b ON b.id = e.building_id
        LEFT JOIN LATERAL (
            SELECT v.at FROM layers_visit AS v WHERE v.entrance_id = e.id AND v.at <= moment
            ORDER BY v.at DESC LIMIT 1
        ) AS seen ON TRUE
        WHERE b.city_id = gridmap_freshness_at.city
    )
    SELECT coalesce(h.cell, gridmap_cell_at(p.place, y.id, moment)), p.thing, gridmap_freshness(
        (p.at AT TIME ZONE y.time_zone)::date, p.interval_days, (moment AT TIME ZONE y.time_zone)::date)
    FROM p
    INNER JOIN layers_city AS y ON y.id = gridmap_freshness_at.city
    LEFT JOIN gridmap_cells_at(gridmap_freshness_at.city, moment) AS h ON h.cell = p.cell_id AND h.same
$$;

-- Standing of every street, lane and building at a moment, in each cell of then it belongs to.
CREATE FUNCTION gridmap_standing_at(city bigint, moment timestamptz)
RETURNS TABLE (cell bigint, rung text, class integer)
LANGUAGE sql STABLE AS $$
    WITH h AS MATERIALIZED (SELECT c.cell, c.same FROM gridmap_cells_at(gridmap_standing_at.city, moment) AS c),
    house AS (
        SELECT b.id, b.street_id, b.lane_id,
            coalesce(h.cell, gridmap_cell_at(ST_PointOnSurface(b.geom), b.city_id, moment)) AS cell
        FROM layers_building AS b LEFT JOIN h ON h.cell = b.cell_id AND h.same
        WHERE b.city_id = gridmap_standing_at.city
    ), way AS (
        SELECT o.street_id, o.lane_id, o.cell FROM house AS o
        UNION
        SELECT s.street_id, s.lane_id, coalesce(h.cell, gridmap_cell_at(s.anchor, s.city_id, moment))
        FROM layers_stretch AS s LEFT JOIN h ON h.cell = s.cell_id AND h.same
        WHERE s.city_id = gridmap_standing_at.city
    ), object AS (
        SELECT DISTINCT w.cell, 'street' AS rung, w.street_id AS id FROM way AS w WHERE w.street_id IS NOT NULL
        UNION ALL
        SELECT DISTINCT w.cell, 'lane', w.lane_id FROM way AS w WHERE w.lane_id IS NOT NULL
        UNION ALL
        SELECT o.cell, 'building', o.id FROM house AS o
    ), held AS (
        SELECT t.rung, t.object, gridmap_standing(
            bool_or(t.standing = 'substitute'),
            array_agg(upper(t.valid)) FILTER (WHERE t.standing = 'acting'), moment) AS class
        FROM gridmap_term AS t WHERE t.valid @> moment
        GROUP BY t.rung, t.object
    )
    SELECT o.cell, o.rung, coalesce(d.class, 4)
    FROM object AS o LEFT JOIN held AS d ON d.rung = o.rung AND d.object = o.id
$$;

-- Which columns of the overlay are known for a moment; whether an incident was parked never is.
CREATE FUNCTION gridmap_overlay_columns_at(city bigint, moment timestamptz) RETURNS text[]
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN 'incidents' = ANY (k.known) THEN (gridmap_overlay_columns())[1:3] ELSE '{}' END
        || CASE WHEN 'coverage' = ANY (k.known) THEN (gridmap_overlay_columns())[5:18] ELSE '{}' END
        || CASE WHEN 'chiefs' = ANY (k.known) THEN (gridmap_overlay_columns())[19:30] ELSE '{}' END
    FROM (SELECT gridmap_known_at(city, moment) AS known) AS k
$$;

-- The overlay of a city as it was at a moment, for the cells of then; figures in the order of
-- gridmap_overlay_columns_at(). Parameters as in gridmap_overlay().
CREATE FUNCTION gridmap_overlay_at(
    city bigint, communities bigint[], departments bigint[], kind bigint, since date, until date,
    moment timestamptz
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
        SELECT c.cell, communities IS NULL OR c.community = ANY (communities) AS own
        FROM gridmap_cells_at(city, moment) AS c
    ), o AS (
        SELECT i.cell, ARRAY[
            count(*), count(*) FILTER (WHERE i.light = 2), count(*) FILTER (WHERE i.light = 3)
        ]::integer[] AS n
        FROM gridmap_open_at(city, kind, opens, closes, moment) AS i
        INNER JOIN cells AS c ON c.cell = i.cell AND (c.own OR i.department = ANY (departments))
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
