-- The overlay of a city as it was at a moment, for the cells of then; figures in the order of
-- gridmap_overlay_columns_at(). communities (NULL: all) and own_cells: of which every figure may be
-- seen.
DROP FUNCTION gridmap_overlay_at(
    bigint, bigint[], bigint[], bigint, date, date, timestamptz
);
CREATE FUNCTION gridmap_overlay_at(
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
