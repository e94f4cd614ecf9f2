-- What the feeds answer, made in the database in one snapshot: values of the cells, and where a
-- place lies.

-- Coverage and chiefs of the cells that wait to be counted again, or were never counted. A
-- procedure of its own, for it mostly finds none: then it costs one look at layers_delta.
CREATE FUNCTION gridmap_recounted(city bigint) RETURNS TABLE (cell bigint, figures integer[])
LANGUAGE plpgsql STABLE AS $$
DECLARE
    waiting bigint[] := array(
        SELECT DISTINCT d.cell_id FROM layers_delta AS d
        LEFT JOIN layers_cellstat AS s ON s.cell_id = d.cell_id
        WHERE d.city_id = city AND d.cell_id IS NOT NULL AND (d.recount OR s.cell_id IS NULL)
    );
BEGIN
    IF waiting <> '{}' THEN
        RETURN QUERY SELECT r.cell, r.stretches || r.entrances || r.chiefs
        FROM gridmap_count_cells(waiting) AS r;
    END IF;
END
$$;

-- The figures of each cell that is in force, always right: what the timekeeper has not folded yet
-- is added, and what waits to be counted again is counted here. communities NULL: all of the city;
-- wanted NULL: every cell. Order of figures: gridmap_overlay_columns().
CREATE FUNCTION gridmap_cell_figures(city bigint, communities bigint[], wanted bigint[])
RETURNS TABLE (cell bigint, community bigint, figures integer[])
LANGUAGE sql STABLE AS $$
    SELECT t.id, t.community_id,
        ARRAY[
            coalesce(s.open, 0) + coalesce(p.open, 0), coalesce(s.soon, 0) + coalesce(p.soon, 0),
            coalesce(s.late, 0) + coalesce(p.late, 0), coalesce(s.parked, 0) + coalesce(p.parked, 0)
        ] || coalesce(r.figures, s.stretches || s.entrances || s.chiefs, array_fill(0, ARRAY[26]))
    FROM tl_cell AS t
    LEFT JOIN layers_cellstat AS s ON s.cell_id = t.id
    LEFT JOIN (
        SELECT d.cell_id, sum(d.open)::integer AS open, sum(d.soon)::integer AS soon,
            sum(d.late)::integer AS late, sum(d.parked)::integer AS parked
        FROM layers_delta AS d
        WHERE d.city_id = gridmap_cell_figures.city AND d.cell_id IS NOT NULL
        GROUP BY d.cell_id
    ) AS p ON p.cell_id = t.id
    LEFT JOIN gridmap_recounted(gridmap_cell_figures.city) AS r ON r.cell = t.id
    WHERE t.city_id = gridmap_cell_figures.city
        AND (communities IS NULL OR t.community_id = ANY (communities))
        AND (wanted IS NULL OR t.id = ANY (wanted))
$$;

-- Open incidents a cell, counted one by one: of a category, entered within some days (filed, or,
-- not yet filed, reported: the days of the incidents' list). NULL means: whichever. What is filed
-- is counted from the index incident_open_by_cell alone.
CREATE FUNCTION gridmap_count_open(
    cells bigint[], kind bigint, since timestamptz, until timestamptz
)
RETURNS TABLE (cell bigint, figures integer[])
LANGUAGE sql STABLE AS $$
    SELECT n.cell_id, ARRAY[
        count(*), count(*) FILTER (WHERE n.light = 2),
        count(*) FILTER (WHERE n.light = 3), count(*) FILTER (WHERE n.light = 4)
    ]::integer[]
    FROM (
        SELECT i.cell_id, i.light FROM layers_incident AS i
        WHERE i.light <> 0 AND i.cell_id = ANY (cells) AND (kind IS NULL OR i.category_id = kind)
            AND i.filed_at >= coalesce(since, '-infinity') AND i.filed_at < coalesce(until, 'infinity')
        UNION ALL
        SELECT i.cell_id, i.light FROM layers_incident AS i
        WHERE i.light <> 0 AND i.cell_id = ANY (cells) AND (kind IS NULL OR i.category_id = kind)
            AND i.filed_at IS NULL AND i.reported_at >= coalesce(since, '-infinity')
            AND i.reported_at < coalesce(until, 'infinity')
    ) AS n
    GROUP BY n.cell_id
$$;

-- The same of some departments only.
CREATE FUNCTION gridmap_count_open_of(
    departments bigint[], cells bigint[], kind bigint, since timestamptz, until timestamptz
)
RETURNS TABLE (cell bigint, figures integer[])
LANGUAGE sql STABLE AS $$
    SELECT i.cell_id, ARRAY[
        count(*), count(*) FILTER (WHERE i.light = 2),
        count(*) FILTER (WHERE i.light = 3), count(*) FILTER (WHERE i.light = 4)
    ]::integer[]
    FROM layers_incident AS i
    WHERE i.light <> 0 AND i.cell_id = ANY (cells) AND i.department_id = ANY (departments)
        AND (kind IS NULL OR i.category_id = kind)
        AND coalesce(i.filed_at, i.reported_at) >= coalesce(since, '-infinity')
        AND coalesce(i.filed_at, i.reported_at) < coalesce(until, 'infinity')
    GROUP BY i.cell_id
$$;

-- The overlay of a city, sifted, or for somebody who may see a department's incidents: each cell
-- and its figures. communities: of which everything may be seen (NULL: all); departments: whose
-- incidents may be seen in the other cells too, which then show incidents only.
CREATE FUNCTION gridmap_overlay(
    city bigint, communities bigint[], departments bigint[], kind bigint, since date, until date
)
RETURNS TABLE (cell bigint, figures integer[])
LANGUAGE plpgsql STABLE AS $$
DECLARE
    zone text := (SELECT y.time_zone FROM layers_city AS y WHERE y.id = city);
    opens timestamptz := since::timestamp AT TIME ZONE zone;
    closes timestamptz := (until + 1)::timestamp AT TIME ZONE zone;
    sifted boolean := coalesce(kind::text, since::text, until::text) IS NOT NULL;
BEGIN
    IF sifted THEN
        RETURN QUERY
        WITH f AS MATERIALIZED (SELECT v.* FROM gridmap_cell_figures(city, communities, NULL) AS v)
        SELECT f.cell, coalesce(o.figures, '{0,0,0,0}') || f.figures[5:]
        FROM f LEFT JOIN gridmap_count_open(array(SELECT f.cell FROM f), kind, opens, closes) AS o
            ON o.cell = f.cell;
    ELSE
        RETURN QUERY SELECT f.cell, f.figures FROM gridmap_cell_figures(city, communities, NULL) AS f;
    END IF;
    IF communities IS NOT NULL AND departments <> '{}' THEN
        RETURN QUERY
        SELECT o.cell, o.figures || array_fill(0, ARRAY[26])
        FROM gridmap_count_open_of(departments, array(
            SELECT t.id FROM tl_cell AS t
            WHERE t.city_id = city AND t.community_id <> ALL (communities)
        ), kind, opens, closes) AS o;
    END IF;
END
$$;

CREATE FUNCTION gridmap_overlay_columns() RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT '{open,soon,late,parked,l0,l1,l2,l3,l4,l5,l6,e0,e1,e2,e3,e4,e5,e6,'
        's_filled,s_substitute,s_expiring,s_vacant,n_filled,n_substitute,n_expiring,n_vacant,'
        'b_filled,b_substitute,b_expiring,b_vacant}'::text[]
$$;

-- What stands before the cells in the overlay feed. cursor: the last change contained in it.
CREATE FUNCTION gridmap_overlay_head(city bigint) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'edition', y.slug || '.' || y.edition,
        'cursor', coalesce((SELECT max(c.id) FROM layers_change AS c), 0),
        'at', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
        'columns', gridmap_overlay_columns()
    )
    FROM layers_city AS y WHERE y.id = city
$$;

-- Everything within so many metres of a place, and a little more, as a box in degrees; a degree of
-- latitude is never shorter than 110,574 m, one of longitude never longer than 111,320 m times
-- cos(latitude) (WGS 84).
CREATE FUNCTION gridmap_around(place geometry, metres double precision) RETURNS geometry
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ST_Expand(
        place, 1.01 * metres / (111320 * greatest(cosd(ST_Y(place)), 0.01)), 1.01 * metres / 110574)
$$;

-- Who answers here: cell, community, subdistrict, the building under the place, and the holder of
-- each rung, from the building's chief outwards. NULL where no cell lies. On a border the lowest
-- code wins. A lane is the building's, else the nearest within 30 m; a street the building's or the
-- lane's, else the nearest within 60 m, measured on the ellipsoid to the edge of its ground.
CREATE FUNCTION gridmap_where(city bigint, lng double precision, lat double precision) RETURNS json
LANGUAGE plpgsql STABLE AS $$
DECLARE
    place geometry := ST_SetSRID(ST_MakePoint(lng, lat), 4326);
    here record;
    house record;
    way record;
    road record;
    ladder json;
BEGIN
    SELECT e.cell_id, e.code, e.name, k.id AS k_id, k.code AS k_code, k.name AS k_name,
        s.id AS s_id, s.code AS s_code, s.name AS s_name, y.time_zone
    INTO here
    FROM layers_celledition AS e
    INNER JOIN layers_cell AS c ON c.id = e.cell_id
    INNER JOIN layers_community AS k ON k.id = c.community_id
    INNER JOIN layers_subdistrict AS s ON s.id = k.subdistrict_id
    INNER JOIN layers_city AS y ON y.id = s.city_id
    WHERE ST_Covers(e.geom, place) AND e.valid @> now() AND s.city_id = city
    ORDER BY e.code LIMIT 1;
    IF NOT FOUND THEN RETURN NULL; END IF;

    SELECT b.id, coalesce(nullif(b.name, ''), nullif(b.address, ''), b.code) AS title,
        b.code, b.name, b.address, b.lane_id, b.street_id
    INTO house
    FROM layers_building AS b
    WHERE b.city_id = city AND ST_Covers(b.geom, place)
    ORDER BY b.code LIMIT 1;

    IF house.lane_id IS NOT NULL THEN
        SELECT l.id, l.street_id, coalesce(nullif(l.name, ''), l.code) AS title INTO way
        FROM layers_lane AS l WHERE l.id = house.lane_id;
    ELSE
        SELECT l.id, l.street_id, coalesce(nullif(l.name, ''), l.code) AS title INTO way
        FROM layers_lane AS l
        WHERE l.city_id = city AND l.polygon && gridmap_around(place, 30)
            AND ST_Distance(l.polygon::geography, place::geography) <= 30
        ORDER BY ST_Distance(l.polygon::geography, place::geography), l.code LIMIT 1;
    END IF;

    IF coalesce(house.street_id, way.street_id) IS NOT NULL THEN
        SELECT w.id, coalesce(nullif(w.name, ''), w.code) AS title INTO road
        FROM layers_street AS w WHERE w.id = coalesce(house.street_id, way.street_id);
    ELSE
        SELECT w.id, coalesce(nullif(w.name, ''), w.code) AS title INTO road
        FROM layers_street AS w
        WHERE w.city_id = city AND w.polygon && gridmap_around(place, 60)
            AND ST_Distance(w.polygon::geography, place::geography) <= 60
        ORDER BY ST_Distance(w.polygon::geography, place::geography), w.code LIMIT 1;
    END IF;

    -- A substitute stands in front of whom he or she stands in for.
    WITH term AS (
        SELECT t.office, t.standing, t.person_id, upper(t.valid) AS until
        FROM layers_chiefterm AS t WHERE t.building_id = house.id AND t.valid @> now()
        UNION ALL
        SELECT t.office, t.standing, t.person_id, upper(t.valid)
        FROM layers_chiefterm AS t WHERE t.lane_id = way.id AND t.valid @> now()
        UNION ALL
        SELECT t.office, t.standing, t.person_id, upper(t.valid)
        FROM layers_chiefterm AS t WHERE t.street_id = road.id AND t.valid @> now()
        UNION ALL
        SELECT t.office, t.standing, t.person_id, upper(t.valid)
        FROM layers_chiefterm AS t WHERE t.cell_id = here.cell_id AND t.valid @> now()
    ), holder AS (
        SELECT DISTINCT ON (t.office) t.office, t.standing, p.name, t.until
        FROM term AS t INNER JOIN layers_person AS p ON p.id = t.person_id
        ORDER BY t.office, t.standing DESC
    )
    SELECT json_agg(json_build_object(
        'rung', r.rung, 'office', r.office, 'id', r.id, 'object', r.title, 'name', h.name,
        'standing', coalesce(h.standing, 'vacant'),
        'until', to_char(h.until AT TIME ZONE here.time_zone, 'YYYY-MM-DD')
    ) ORDER BY r.place) INTO ladder
    FROM (VALUES
        (1, 'building', 'building', house.id, house.title), (2, 'lane', 'lane', way.id, way.title),
        (3, 'street', 'street', road.id, road.title),
        (4, 'cell', 'cell_head', here.cell_id, here.name::text),
        (5, 'cell', 'cell_worker', here.cell_id, here.name::text)
    ) AS r (place, rung, office, id, title)
    LEFT JOIN holder AS h ON h.office = r.office
    WHERE r.id IS NOT NULL;

    RETURN json_build_object(
        'cell', json_build_object('id', here.cell_id, 'code', here.code, 'name', here.name),
        'community', json_build_object('id', here.k_id, 'code', here.k_code, 'name', here.k_name),
        'subdistrict', json_build_object('id', here.s_id, 'code', here.s_code, 'name', here.s_name),
        'building', CASE WHEN house.id IS NOT NULL THEN json_build_object(
            'id', house.id, 'code', house.code, 'name', house.name, 'address', house.address) END,
        'chiefs', ladder
    );
END
$$;
