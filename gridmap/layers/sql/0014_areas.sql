-- Areas follow appointments: whose incident it is at which object, and what a user is posted to.

-- The building, lane and street that answer at a place, by the rule of gridmap_where(): the
-- building that holds it; its lane, else the nearest within 30 m; its street or its lane's, else
-- the nearest within 60 m.
CREATE FUNCTION gridmap_objects_at(
    place geometry, city bigint, OUT building bigint, OUT lane bigint, OUT street bigint
)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    SELECT b.id, b.lane_id, b.street_id INTO building, lane, street
    FROM layers_building AS b
    WHERE b.city_id = city AND ST_Covers(b.geom, place) ORDER BY b.code LIMIT 1;
    IF lane IS NULL THEN
        SELECT l.id INTO lane FROM layers_lane AS l
        WHERE l.city_id = city AND l.polygon && gridmap_around(place, 30)
            AND ST_Distance(l.polygon::geography, place::geography) <= 30
        ORDER BY ST_Distance(l.polygon::geography, place::geography), l.code LIMIT 1;
    END IF;
    IF street IS NULL THEN
        SELECT l.street_id INTO street FROM layers_lane AS l WHERE l.id = lane;
    END IF;
    IF street IS NULL THEN
        SELECT w.id INTO street FROM layers_street AS w
        WHERE w.city_id = city AND w.polygon && gridmap_around(place, 60)
            AND ST_Distance(w.polygon::geography, place::geography) <= 60
        ORDER BY ST_Distance(w.polygon::geography, place::geography), w.code LIMIT 1;
    END IF;
END
$$;

-- An incident is at the objects that answer at its place, found when it is reported or moved, as
-- its cell is. What is built or renamed later does not move it.
UPDATE layers_incident AS i SET (building_id, lane_id, street_id) = (
    SELECT a.building, a.lane, a.street FROM gridmap_objects_at(i.place, i.city_id) AS a
)
WHERE i.light <> 0;
SET CONSTRAINTS ALL IMMEDIATE; -- a table with checks to come takes no trigger

CREATE FUNCTION gridmap_find_objects() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF tg_op = 'UPDATE' AND (new.city_id, new.place) IS NOT DISTINCT FROM (old.city_id, old.place) THEN
        new.building_id := old.building_id;
        new.lane_id := old.lane_id;
        new.street_id := old.street_id;
    ELSE
        SELECT a.building, a.lane, a.street INTO new.building_id, new.lane_id, new.street_id
        FROM gridmap_objects_at(new.place, new.city_id) AS a;
    END IF;
    RETURN new;
END
$$;
CREATE TRIGGER incident_objects_found BEFORE INSERT OR UPDATE ON layers_incident
FOR EACH ROW EXECUTE FUNCTION gridmap_find_objects();

-- A posting refers to its own city also in whom it is about.
DROP TRIGGER posting_one_city_inserted ON layers_posting;
DROP TRIGGER posting_one_city_updated ON layers_posting;
CREATE TRIGGER posting_one_city_inserted AFTER INSERT ON layers_posting
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION gridmap_check_one_city(
    city_id, city, subdistrict_id, layers_subdistrict, community_id, gridmap_city_of_community,
    department_id, layers_department, person_id, layers_person, team_id, layers_team
);
CREATE TRIGGER posting_one_city_updated AFTER UPDATE ON layers_posting
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION gridmap_check_one_city(
    city_id, city, subdistrict_id, layers_subdistrict, community_id, gridmap_city_of_community,
    department_id, layers_department, person_id, layers_person, team_id, layers_team
);

-- How often the postings of a user were changed, and when last: what was issued before is void.
CREATE TABLE gridmap_revoked (
    user_id bigint PRIMARY KEY, number bigint NOT NULL, at timestamptz NOT NULL
);
CREATE INDEX gridmap_revoked_at ON gridmap_revoked (at);

-- What a user is posted to at this moment, one row a piece of ground: kind is a field of Area, or
-- 'ground' once a posting, which says no more than that the user works in the city. Chiefs and
-- workers are posted to what they hold now, patrols to what their team looks after now. until: when
-- it ends by itself; seal: how often the user's postings were changed. A row of kind 'none' is
-- there for everybody, for the seal.
CREATE FUNCTION gridmap_posted(bearer bigint)
RETURNS TABLE (
    posting bigint, role text, city bigint, department bigint, kind text, id bigint,
    until timestamptz, seal bigint
)
LANGUAGE sql STABLE AS $$
    WITH mine AS MATERIALIZED (
        SELECT p.id, p.role::text AS role, p.city_id, p.subdistrict_id, p.community_id,
            p.department_id, p.person_id, p.team_id, upper(p.valid) AS until
        FROM layers_posting AS p INNER JOIN auth_user AS u ON u.id = p.user_id
        WHERE p.user_id = bearer AND u.is_active AND p.valid @> statement_timestamp()
    ), piece AS (
        SELECT m.id AS posting, m.role, m.city_id, m.department_id, 'ground' AS kind, m.city_id AS id,
            m.until
        FROM mine AS m
        UNION ALL
        SELECT m.id, m.role, m.city_id, m.department_id, 'cities', m.city_id, NULL
        FROM mine AS m
        WHERE coalesce(m.subdistrict_id, m.community_id, m.person_id, m.team_id) IS NULL
        UNION ALL
        SELECT m.id, m.role, m.city_id, m.department_id, 'communities', k.id, NULL
        FROM mine AS m
        INNER JOIN layers_community AS k
            ON k.id = m.community_id OR k.subdistrict_id = m.subdistrict_id
        UNION ALL
        SELECT m.id, m.role, m.city_id, m.department_id, o.kind, o.id, upper(t.valid)
        FROM mine AS m
        INNER JOIN layers_chiefterm AS t
            ON t.person_id = m.person_id AND t.valid @> statement_timestamp()
        CROSS JOIN LATERAL (VALUES
            ('chief', 'streets', t.street_id), ('chief', 'lanes', t.lane_id),
            ('chief', 'buildings', t.building_id), ('worker', 'cells', t.cell_id)
        ) AS o (role, kind, id)
        WHERE o.role = m.role AND o.id IS NOT NULL
        UNION ALL
        SELECT m.id, m.role, m.city_id, m.department_id, 'cells', a.cell_id, upper(a.valid)
        FROM mine AS m
        INNER JOIN layers_teamarea AS a
            ON a.team_id = m.team_id AND a.valid @> statement_timestamp()
        UNION ALL
        SELECT 0, '', 0, NULL, 'none', 0, NULL
    )
    SELECT p.*, coalesce((SELECT r.number FROM gridmap_revoked AS r WHERE r.user_id = bearer), 0)
    FROM piece AS p
$$;

-- Whoever saw an incident at a cell or an object it left is told as well.
ALTER TABLE tl_departure ADD COLUMN cell_id bigint, ADD COLUMN street_id bigint,
ADD COLUMN lane_id bigint, ADD COLUMN building_id bigint;
CREATE OR REPLACE FUNCTION gridmap_incidents_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF tg_op = 'DELETE' THEN
        INSERT INTO tl_departure (at, incident_id, city_id, community_id, department_id, cell_id,
            street_id, lane_id, building_id)
        SELECT now(), o.id, o.city_id, o.community_id, o.department_id, o.cell_id, o.street_id,
            o.lane_id, o.building_id
        FROM removed AS o WHERE o.light <> 0;
    ELSE
        INSERT INTO tl_departure (at, incident_id, city_id, community_id, department_id, cell_id,
            street_id, lane_id, building_id)
        SELECT now(), o.id, o.city_id, o.community_id, o.department_id, o.cell_id, o.street_id,
            o.lane_id, o.building_id
        FROM removed AS o INNER JOIN changed AS n ON n.id = o.id
        WHERE o.light <> 0 AND (n.city_id, n.community_id, n.department_id, n.cell_id, n.street_id,
            n.lane_id, n.building_id)
            IS DISTINCT FROM (o.city_id, o.community_id, o.department_id, o.cell_id, o.street_id,
                o.lane_id, o.building_id);
    END IF;
    RETURN NULL;
END
$$;

-- Open incidents that are somebody's business one by one: those of some departments, of a
-- department in one community (two arrays side by side), and those at some objects.
CREATE FUNCTION gridmap_open_of(
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
    WHERE i.city_id = gridmap_open_of.city AND i.light <> 0 AND i.street_id = ANY (streets)
    UNION
    SELECT i.id FROM layers_incident AS i
    WHERE i.city_id = gridmap_open_of.city AND i.light <> 0 AND i.lane_id = ANY (lanes)
    UNION
    SELECT i.id FROM layers_incident AS i
    WHERE i.city_id = gridmap_open_of.city AND i.light <> 0 AND i.building_id = ANY (buildings)
$$;

-- The overlay of a city for somebody who may not see all of it as it is: each cell and its figures.
-- communities (NULL: all) and cells: of which every figure may be seen; in the other cells only the
-- incidents of gridmap_open_of() are counted, and nothing else is told.
DROP FUNCTION gridmap_overlay(bigint, bigint[], bigint[], bigint, date, date);
CREATE FUNCTION gridmap_overlay(
    city bigint, communities bigint[], cells bigint[], departments bigint[], assigned bigint[],
    assigned_in bigint[], streets bigint[], lanes bigint[], buildings bigint[],
    kind bigint, since date, until date
)
RETURNS TABLE (cell bigint, figures integer[])
LANGUAGE plpgsql STABLE AS $$
DECLARE
    zone text := (SELECT y.time_zone FROM layers_city AS y WHERE y.id = city);
    opens timestamptz := since::timestamp AT TIME ZONE zone;
    closes timestamptz := (until + 1)::timestamp AT TIME ZONE zone;
    sifted boolean := coalesce(kind::text, since::text, until::text) IS NOT NULL;
    own bigint[] := CASE WHEN communities IS NOT NULL THEN array(
        SELECT t.id FROM tl_cell AS t
        WHERE t.city_id = city AND (t.community_id = ANY (communities) OR t.id = ANY (cells))
    ) END;
BEGIN
    IF sifted THEN
        RETURN QUERY
        WITH f AS MATERIALIZED (SELECT v.* FROM gridmap_cell_figures(city, NULL, own) AS v)
        SELECT f.cell, coalesce(o.figures, '{0,0,0,0}') || f.figures[5:]
        FROM f LEFT JOIN gridmap_count_open(array(SELECT f.cell FROM f), kind, opens, closes) AS o
            ON o.cell = f.cell;
    ELSE
        RETURN QUERY SELECT f.cell, f.figures FROM gridmap_cell_figures(city, NULL, own) AS f;
    END IF;
    IF own IS NOT NULL AND departments || assigned || streets || lanes || buildings <> '{}' THEN
        RETURN QUERY
        SELECT i.cell_id, ARRAY[
            count(*), count(*) FILTER (WHERE i.light = 2),
            count(*) FILTER (WHERE i.light = 3), count(*) FILTER (WHERE i.light = 4)
        ]::integer[] || array_fill(0, ARRAY[26])
        FROM gridmap_open_of(
            city, departments, assigned, assigned_in, streets, lanes, buildings
        ) AS mine (id)
        INNER JOIN layers_incident AS i ON i.id = mine.id
        WHERE i.cell_id IS NOT NULL AND i.cell_id <> ALL (own)
            AND (kind IS NULL OR i.category_id = kind)
            AND coalesce(i.filed_at, i.reported_at) >= coalesce(opens, '-infinity')
            AND coalesce(i.filed_at, i.reported_at) < coalesce(closes, 'infinity')
        GROUP BY i.cell_id;
    END IF;
END
$$;
DROP FUNCTION gridmap_count_open_of(bigint[], bigint[], bigint, timestamptz, timestamptz);
