-- Who answers at a place or a building, at any moment: one resolution for every door.

-- Distance in whole centimetres, as far as coordinates reach: what is equally near is a tie.
CREATE FUNCTION gridmap_apart_cm(a geometry, b geometry) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT round(100 * ST_Distance(a::geography, b::geography))::bigint
$$;

-- The building that answers at a place: the one that holds it, of several the lowest code; else,
-- unless the place lies on a lane or street, the nearest within 5 m (a place before the door).
CREATE FUNCTION gridmap_building_at(place geometry, city bigint) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(
        (
            SELECT b.id FROM layers_building AS b
            WHERE b.city_id = city AND ST_Covers(b.geom, place) ORDER BY b.code LIMIT 1
        ),
        (
            SELECT b.id FROM layers_building AS b
            WHERE b.city_id = city AND b.geom && gridmap_around(place, 5)
                AND gridmap_apart_cm(b.geom, place) <= 500
                AND NOT EXISTS (
                    SELECT FROM layers_lane AS l
                    WHERE l.city_id = city AND ST_Covers(l.polygon, place)
                )
                AND NOT EXISTS (
                    SELECT FROM layers_street AS w
                    WHERE w.city_id = city AND ST_Covers(w.polygon, place)
                )
            ORDER BY gridmap_apart_cm(b.geom, place), b.code LIMIT 1
        )
    )
$$;

-- The lane and the street nearest to a place, measured to the edge of their ground: within 30 m
-- and 60 m; of equally near ones the lowest code.
CREATE FUNCTION gridmap_lane_near(place geometry, city bigint) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT l.id FROM layers_lane AS l
    WHERE l.city_id = city AND l.polygon && gridmap_around(place, 30)
        AND gridmap_apart_cm(l.polygon, place) <= 3000
    ORDER BY gridmap_apart_cm(l.polygon, place), l.code LIMIT 1
$$;
CREATE FUNCTION gridmap_street_near(place geometry, city bigint) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT w.id FROM layers_street AS w
    WHERE w.city_id = city AND w.polygon && gridmap_around(place, 60)
        AND gridmap_apart_cm(w.polygon, place) <= 6000
    ORDER BY gridmap_apart_cm(w.polygon, place), w.code LIMIT 1
$$;

-- What answers at a place. house: of a building that is asked for itself, whose place is a point
-- inside it; else NULL, and the building is found. A building answers with the lane and street it
-- belongs to; where nothing is known of either, the nearest do. The cell is that of the place.
CREATE FUNCTION gridmap_answering(
    place geometry, city bigint, house bigint, moment timestamptz,
    OUT building bigint, OUT lane bigint, OUT street bigint, OUT cell bigint, OUT community bigint
)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    building := coalesce(house, gridmap_building_at(place, city));
    IF building IS NOT NULL THEN
        SELECT b.lane_id, b.street_id INTO lane, street
        FROM layers_building AS b WHERE b.id = building;
    END IF;
    IF lane IS NULL AND street IS NULL THEN
        lane := gridmap_lane_near(place, city);
    END IF;
    IF street IS NULL THEN
        street := coalesce(
            (SELECT l.street_id FROM layers_lane AS l WHERE l.id = lane),
            gridmap_street_near(place, city)
        );
    END IF;
    cell := gridmap_cell_at(place, city, moment);
    community := coalesce(
        (SELECT c.community_id FROM layers_cell AS c WHERE c.id = cell),
        gridmap_community_at(place, city)
    );
END
$$;

-- Incidents are put to their building, lane and street by the same rule.
CREATE OR REPLACE FUNCTION gridmap_objects_at(
    place geometry, city bigint, OUT building bigint, OUT lane bigint, OUT street bigint
)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT a.building, a.lane, a.street INTO building, lane, street
    FROM gridmap_answering(place, city, NULL, now()) AS a;
END
$$;

-- Until when an office is held from a moment on, term after term without a gap: NULL when nobody
-- holds it then, {NULL} when there is no end.
CREATE FUNCTION gridmap_held_until(terms tstzmultirange, moment timestamptz) RETURNS timestamptz[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_agg(upper(r.run)) FROM unnest(terms) AS r (run) WHERE r.run @> moment
$$;

-- The rungs from the building up to the subdistrict, each with its holders at the moment.
-- class: gridmap_standing() of an office of chiefs, 0 for an office of government, which is never
-- vacant. A vacant rung falls upward: stand_in names the next office above that is held.
CREATE FUNCTION gridmap_rungs(
    building bigint, lane bigint, street bigint, cell bigint, community bigint, moment timestamptz
)
RETURNS TABLE (
    step integer, rung text, office text, id bigint, code text, title text, class integer,
    holders json, vacant_since timestamptz, stand_in text
)
LANGUAGE sql STABLE AS $$
    WITH object AS (
        SELECT 1 AS step, 'building' AS rung, 'building' AS office, b.id, b.code::text AS code,
            coalesce(nullif(b.name, ''), nullif(b.address, ''), b.code) AS title
        FROM layers_building AS b WHERE b.id = gridmap_rungs.building
        UNION ALL
        SELECT 2, 'lane', 'lane', l.id, l.code, coalesce(nullif(l.name, ''), l.code)
        FROM layers_lane AS l WHERE l.id = gridmap_rungs.lane
        UNION ALL
        SELECT 3, 'street', 'street', w.id, w.code, coalesce(nullif(w.name, ''), w.code)
        FROM layers_street AS w WHERE w.id = gridmap_rungs.street
        UNION ALL
        SELECT o.step, 'cell', o.office, e.cell_id, e.code, e.name
        FROM layers_celledition AS e
        CROSS JOIN (VALUES (4, 'cell_worker'), (5, 'cell_head')) AS o (step, office)
        WHERE e.cell_id = gridmap_rungs.cell AND e.valid @> gridmap_rungs.moment
        UNION ALL
        SELECT 6, 'community', 'community', k.id, coalesce(h.code, k.code), coalesce(h.name, k.name)
        FROM layers_community AS k
        LEFT JOIN layers_placecode AS h
            ON h.community_id = k.id AND h.valid @> gridmap_rungs.moment
        WHERE k.id = gridmap_rungs.community
        UNION ALL
        SELECT 7, 'subdistrict', 'subdistrict', s.id, coalesce(h.code, s.code),
            coalesce(h.name, s.name)
        FROM layers_community AS k
        INNER JOIN layers_subdistrict AS s ON s.id = k.subdistrict_id
        LEFT JOIN layers_placecode AS h
            ON h.subdistrict_id = s.id AND h.valid @> gridmap_rungs.moment
        WHERE k.id = gridmap_rungs.community
    ), term AS (
        SELECT t.* FROM layers_chiefterm AS t WHERE t.building_id = gridmap_rungs.building
        UNION ALL
        SELECT t.* FROM layers_chiefterm AS t WHERE t.lane_id = gridmap_rungs.lane
        UNION ALL
        SELECT t.* FROM layers_chiefterm AS t WHERE t.street_id = gridmap_rungs.street
        UNION ALL
        SELECT t.* FROM layers_chiefterm AS t WHERE t.cell_id = gridmap_rungs.cell
    ), held AS (
        SELECT t.office,
            json_agg(json_build_object(
                'term', t.id, 'person', p.id, 'name', p.name, 'office', t.office,
                'standing', t.standing, 'since', lower(t.valid), 'until', upper(t.valid),
                'reason', t.reason
            ) ORDER BY t.standing DESC)
            FILTER (WHERE t.valid @> gridmap_rungs.moment) AS holders,
            max(upper(t.valid)) FILTER (WHERE upper(t.valid) <= gridmap_rungs.moment) AS ended,
            gridmap_standing(
                bool_or(t.standing = 'substitute' AND t.valid @> gridmap_rungs.moment),
                gridmap_held_until(
                    range_agg(t.valid) FILTER (WHERE t.standing = 'acting'), gridmap_rungs.moment
                ),
                gridmap_rungs.moment
            ) AS class
        FROM term AS t INNER JOIN layers_person AS p ON p.id = t.person_id
        GROUP BY t.office
    ), filled AS (
        SELECT o.*, CASE WHEN o.step > 5 THEN 0 ELSE coalesce(h.class, 4) END AS class,
            coalesce(h.holders, '[]') AS holders, h.ended
        FROM object AS o LEFT JOIN held AS h ON h.office = o.office
    )
    SELECT f.step, f.rung, f.office, f.id, f.code, f.title, f.class, f.holders,
        CASE WHEN f.class = 4 THEN f.ended END,
        CASE WHEN f.class = 4 THEN (
            SELECT a.office FROM filled AS a
            WHERE a.step > f.step AND a.class <> 4 ORDER BY a.step LIMIT 1
        ) END
    FROM filled AS f ORDER BY f.step
$$;

-- The whole ladder as JSON. Either a building of the city or a place; NULL where the place lies in
-- no cell of the moment.
CREATE FUNCTION gridmap_ladder(
    city bigint, house bigint, lng double precision, lat double precision, moment timestamptz
) RETURNS json
LANGUAGE plpgsql STABLE AS $$
DECLARE
    place geometry := ST_SetSRID(ST_MakePoint(lng, lat), 4326);
    here record;
    rungs json;
BEGIN
    IF house IS NOT NULL THEN
        SELECT ST_PointOnSurface(b.geom) INTO place FROM layers_building AS b WHERE b.id = house;
    END IF;
    here := gridmap_answering(place, city, house, moment);
    IF here.cell IS NULL AND house IS NULL THEN RETURN NULL; END IF;
    SELECT json_agg(json_build_object(
        'rung', r.rung, 'office', r.office, 'id', r.id, 'code', r.code, 'name', r.title,
        'standing', (ARRAY['office', 'filled', 'substitute', 'expiring', 'vacant'])[r.class + 1],
        'holders', r.holders, 'vacant_since', r.vacant_since, 'stand_in', r.stand_in
    ) ORDER BY r.step) INTO rungs
    FROM gridmap_rungs(
        here.building, here.lane, here.street, here.cell, here.community, moment
    ) AS r;
    RETURN json_build_object(
        'lng', round(ST_X(place)::numeric, 7), 'lat', round(ST_Y(place)::numeric, 7),
        'building', here.building, 'lane', here.lane, 'street', here.street, 'cell', here.cell,
        'community', here.community, 'rungs', coalesce(rungs, '[]')
    );
END
$$;

-- The same for the feed of look-ups: what answers here now, in the words of that door.
CREATE OR REPLACE FUNCTION gridmap_where(city bigint, lng double precision, lat double precision)
RETURNS json
LANGUAGE plpgsql STABLE AS $$
DECLARE
    place geometry := ST_SetSRID(ST_MakePoint(lng, lat), 4326);
    here record;
    zone text;
    answer json;
BEGIN
    here := gridmap_answering(place, city, NULL, now());
    IF here.cell IS NULL THEN RETURN NULL; END IF;
    SELECT y.time_zone INTO zone FROM layers_city AS y WHERE y.id = city;
    WITH rung AS (
        SELECT r.*, r.holders -> 0 AS front
        FROM gridmap_rungs(
            here.building, here.lane, here.street, here.cell, here.community, now()
        ) AS r
    )
    SELECT json_build_object(
        'cell', (
            SELECT json_build_object('id', r.id, 'code', r.code, 'name', r.title)
            FROM rung AS r WHERE r.office = 'cell_head'
        ),
        'community', (
            SELECT json_build_object('id', r.id, 'code', r.code, 'name', r.title)
            FROM rung AS r WHERE r.rung = 'community'
        ),
        'subdistrict', (
            SELECT json_build_object('id', r.id, 'code', r.code, 'name', r.title)
            FROM rung AS r WHERE r.rung = 'subdistrict'
        ),
        'building', (
            SELECT json_build_object(
                'id', b.id, 'code', b.code, 'name', b.name, 'address', b.address)
            FROM layers_building AS b WHERE b.id = here.building
        ),
        'chiefs', (
            SELECT json_agg(json_build_object(
                'rung', r.rung, 'office', r.office, 'id', r.id, 'object', r.title,
                'name', r.front ->> 'name',
                'standing', coalesce(r.front ->> 'standing', 'vacant'),
                'until', to_char(
                    (r.front ->> 'until')::timestamptz AT TIME ZONE zone, 'YYYY-MM-DD'),
                'stand_in', r.stand_in
            ) ORDER BY r.step)
            FROM rung AS r WHERE r.step <= 5
        )
    ) INTO answer;
    RETURN answer;
END
$$;

-- The standing of one object, as counted into the cells, and of all of them at a moment: a term
-- that is followed by the next without a gap does not expire.
CREATE OR REPLACE FUNCTION gridmap_standing_of(rung text, object bigint, moment timestamptz)
RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT gridmap_standing(
        bool_or(t.standing = 'substitute' AND t.valid @> moment),
        gridmap_held_until(range_agg(t.valid) FILTER (WHERE t.standing = 'acting'), moment), moment)
    FROM gridmap_term AS t
    WHERE t.rung = gridmap_standing_of.rung AND t.object = gridmap_standing_of.object
        AND t.valid && tstzrange(moment, NULL)
$$;

CREATE OR REPLACE FUNCTION gridmap_standing_at(city bigint, moment timestamptz)
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
            bool_or(t.standing = 'substitute' AND t.valid @> moment),
            gridmap_held_until(range_agg(t.valid) FILTER (WHERE t.standing = 'acting'), moment),
            moment) AS class
        FROM gridmap_term AS t WHERE t.valid && tstzrange(moment, NULL)
        GROUP BY t.rung, t.object
    )
    SELECT o.cell, o.rung, coalesce(d.class, 4)
    FROM object AS o LEFT JOIN held AS d ON d.rung = o.rung AND d.object = o.id
$$;

-- A term that has begun is kept as it was: it may be brought to an end, now or later but not
-- earlier, and nothing else of it may change. One that has not begun may still be taken back.
CREATE FUNCTION gridmap_keep_term() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE closed boolean;
BEGIN
    IF lower(old.valid) > now() THEN RETURN CASE tg_op WHEN 'DELETE' THEN old ELSE new END; END IF;
    IF tg_op = 'UPDATE' THEN
        closed := upper(new.valid) >= now() AND (upper_inf(old.valid) OR upper(new.valid) < upper(old.valid));
        IF lower(new.valid) IS NOT DISTINCT FROM lower(old.valid)
            AND (new.office, new.street_id, new.lane_id, new.building_id, new.cell_id, new.person_id,
                new.standing, new.reason)
            IS NOT DISTINCT FROM (old.office, old.street_id, old.lane_id, old.building_id, old.cell_id,
                old.person_id, old.standing, old.reason)
            AND (new.valid = old.valid OR closed) THEN
            RETURN new;
        END IF;
    END IF;
    PERFORM gridmap_refuse('chiefterm_is_kept', old.id::text, 0);
    RETURN NULL;
END
$$;
CREATE TRIGGER chiefterm_is_kept BEFORE UPDATE OR DELETE ON layers_chiefterm
FOR EACH ROW EXECUTE FUNCTION gridmap_keep_term();
