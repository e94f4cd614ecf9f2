-- What lies within what, and what may not overlap: held for every writer, checked once a statement.
-- A violation is a check_violation (23514) that names its rule as CONSTRAINT and the row as DETAIL.
-- Which pairs to measure is settled first (MATERIALIZED), then they are measured: where the planner
-- takes tables for empty, it measured inside the innermost of its joins, every pair anew for each
-- row of an outer one. 77 real areas then took half an hour instead of seconds.

-- Square metres by which one area may pass its parent or overlap a neighbour: coordinates are kept
-- to 7 decimals (1 cm), and a survey of a boundary is no better.
CREATE FUNCTION gridmap_tolerance_m2() RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 2.0::double precision $$;

-- Square metres of child that lie outside parent. Both must be valid (CHECK holds that).
CREATE FUNCTION gridmap_outside_m2(child geometry, parent geometry) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN ST_CoveredBy(child, parent) THEN 0
        ELSE ST_Area(ST_Difference(child, parent)::geography)
    END
$$;

-- Square metres two areas share; 0 for a common border.
CREATE FUNCTION gridmap_shared_m2(a geometry, b geometry) RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN NOT (a && b) OR ST_Touches(a, b) THEN 0
        ELSE ST_Area(ST_CollectionExtract(ST_Intersection(a, b), 3)::geography)
    END
$$;

CREATE FUNCTION gridmap_refuse(rule text, place text, square_metres double precision) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is violated by %', rule, place
        USING ERRCODE = 'check_violation', CONSTRAINT = rule,
            DETAIL = format('%s: %s m2', place, round(square_metres::numeric, 1));
END
$$;

CREATE FUNCTION gridmap_check_subdistricts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad record;
BEGIN
    WITH pair AS MATERIALIZED (
        SELECT n.code, n.geom AS child, c.bounds AS parent
        FROM changed AS n INNER JOIN layers_city AS c ON c.id = n.city_id
    )
    SELECT p.code, gridmap_outside_m2(p.child, p.parent) AS m2 INTO bad FROM pair AS p
    WHERE gridmap_outside_m2(p.child, p.parent) > gridmap_tolerance_m2() LIMIT 1;
    IF FOUND THEN PERFORM gridmap_refuse('subdistrict_within_city', bad.code, bad.m2); END IF;

    WITH pair AS MATERIALIZED (
        SELECT n.code, n.geom AS one, o.geom AS other
        FROM changed AS n
        INNER JOIN layers_subdistrict AS o ON o.city_id = n.city_id AND o.id <> n.id AND o.geom && n.geom
    )
    SELECT p.code, gridmap_shared_m2(p.one, p.other) AS m2 INTO bad FROM pair AS p
    WHERE gridmap_shared_m2(p.one, p.other) > gridmap_tolerance_m2() LIMIT 1;
    IF FOUND THEN PERFORM gridmap_refuse('subdistrict_overlap', bad.code, bad.m2); END IF;

    WITH pair AS MATERIALIZED (
        SELECT k.code, k.geom AS child, n.geom AS parent
        FROM changed AS n INNER JOIN layers_community AS k ON k.subdistrict_id = n.id
    )
    SELECT p.code, gridmap_outside_m2(p.child, p.parent) AS m2 INTO bad FROM pair AS p
    WHERE gridmap_outside_m2(p.child, p.parent) > gridmap_tolerance_m2() LIMIT 1;
    IF FOUND THEN PERFORM gridmap_refuse('community_within_subdistrict', bad.code, bad.m2); END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER subdistrict_place_inserted AFTER INSERT ON layers_subdistrict
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_check_subdistricts();
CREATE TRIGGER subdistrict_place_updated AFTER UPDATE ON layers_subdistrict
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_check_subdistricts();

CREATE FUNCTION gridmap_check_communities() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad record;
BEGIN
    WITH pair AS MATERIALIZED (
        SELECT n.code, n.geom AS child, s.geom AS parent
        FROM changed AS n INNER JOIN layers_subdistrict AS s ON s.id = n.subdistrict_id
    )
    SELECT p.code, gridmap_outside_m2(p.child, p.parent) AS m2 INTO bad FROM pair AS p
    WHERE gridmap_outside_m2(p.child, p.parent) > gridmap_tolerance_m2() LIMIT 1;
    IF FOUND THEN PERFORM gridmap_refuse('community_within_subdistrict', bad.code, bad.m2); END IF;

    WITH pair AS MATERIALIZED (
        SELECT n.code, n.geom AS one, o.geom AS other
        FROM changed AS n INNER JOIN layers_community AS o ON o.id <> n.id AND o.geom && n.geom
        WHERE EXISTS (
            SELECT FROM layers_subdistrict AS a INNER JOIN layers_subdistrict AS b ON b.city_id = a.city_id
            WHERE a.id = n.subdistrict_id AND b.id = o.subdistrict_id
        )
    )
    SELECT p.code, gridmap_shared_m2(p.one, p.other) AS m2 INTO bad FROM pair AS p
    WHERE gridmap_shared_m2(p.one, p.other) > gridmap_tolerance_m2() LIMIT 1;
    IF FOUND THEN PERFORM gridmap_refuse('community_overlap', bad.code, bad.m2); END IF;

    WITH pair AS MATERIALIZED (
        SELECT e.code, e.geom AS child, n.geom AS parent
        FROM changed AS n INNER JOIN layers_cell AS c ON c.community_id = n.id
        INNER JOIN layers_celledition AS e ON e.cell_id = c.id AND NOT e.valid << tstzrange(now(), NULL)
    )
    SELECT p.code, gridmap_outside_m2(p.child, p.parent) AS m2 INTO bad FROM pair AS p
    WHERE gridmap_outside_m2(p.child, p.parent) > gridmap_tolerance_m2() LIMIT 1;
    IF FOUND THEN PERFORM gridmap_refuse('cell_within_community', bad.code, bad.m2); END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER community_place_inserted AFTER INSERT ON layers_community
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_check_communities();
CREATE TRIGGER community_place_updated AFTER UPDATE ON layers_community
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_check_communities();

-- Editions that are over lie in the community as it was then; only those in force now or later are
-- held against its present ground. No two may overlap at any one time.
CREATE FUNCTION gridmap_check_cells() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad record;
BEGIN
    WITH pair AS MATERIALIZED (
        SELECT n.code, n.geom AS child, k.geom AS parent
        FROM changed AS n INNER JOIN layers_cell AS c ON c.id = n.cell_id
        INNER JOIN layers_community AS k ON k.id = c.community_id
        WHERE NOT n.valid << tstzrange(now(), NULL)
    )
    SELECT p.code, gridmap_outside_m2(p.child, p.parent) AS m2 INTO bad FROM pair AS p
    WHERE gridmap_outside_m2(p.child, p.parent) > gridmap_tolerance_m2() LIMIT 1;
    IF FOUND THEN PERFORM gridmap_refuse('cell_within_community', bad.code, bad.m2); END IF;

    WITH pair AS MATERIALIZED (
        SELECT n.code, n.geom AS one, o.geom AS other
        FROM changed AS n
        INNER JOIN layers_celledition AS o ON o.id <> n.id AND o.geom && n.geom AND o.valid && n.valid
        INNER JOIN layers_cell AS nc ON nc.id = n.cell_id
        INNER JOIN layers_cell AS oc ON oc.id = o.cell_id
        INNER JOIN layers_community AS nk ON nk.id = nc.community_id
        INNER JOIN layers_community AS ok ON ok.id = oc.community_id
        INNER JOIN layers_subdistrict AS ns ON ns.id = nk.subdistrict_id
        INNER JOIN layers_subdistrict AS os ON os.id = ok.subdistrict_id AND os.city_id = ns.city_id
    )
    SELECT p.code, gridmap_shared_m2(p.one, p.other) AS m2 INTO bad FROM pair AS p
    WHERE gridmap_shared_m2(p.one, p.other) > gridmap_tolerance_m2() LIMIT 1;
    IF FOUND THEN PERFORM gridmap_refuse('cell_overlap', bad.code, bad.m2); END IF;

    -- Ended editions keep the code they had, also across a merger that re-coded the community.
    SELECT n.code, 0 AS m2 INTO bad
    FROM changed AS n INNER JOIN layers_cell AS c ON c.id = n.cell_id
    INNER JOIN layers_community AS k ON k.id = c.community_id
    WHERE n.valid @> now() AND left(n.code, 12) <> k.code LIMIT 1;
    IF FOUND THEN PERFORM gridmap_refuse('cell_code_begins_with_community', bad.code, 0); END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER cell_place_inserted AFTER INSERT ON layers_celledition
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_check_cells();
CREATE TRIGGER cell_place_updated AFTER UPDATE ON layers_celledition
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_check_cells();

-- Everything else lies on the ground of its city. One function a table, for its geometry has its
-- own name; the bounds are prepared once a statement by GEOS.
CREATE FUNCTION gridmap_check_on_ground() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad record;
BEGIN
    EXECUTE format(
        'SELECT n.id::text AS id FROM changed AS n INNER JOIN layers_city AS c ON c.id = n.city_id '
        'WHERE NOT ST_CoveredBy(n.%I, c.bounds) LIMIT 1', tg_argv[1]
    ) INTO bad;
    IF bad.id IS NOT NULL THEN PERFORM gridmap_refuse(tg_argv[0] || '_within_city', bad.id, 0); END IF;
    RETURN NULL;
END
$$;

DO $$
DECLARE item record;
BEGIN
    FOR item IN SELECT * FROM (VALUES
        ('street', 'centreline'), ('lane', 'centreline'), ('building', 'geom'), ('ground', 'geom'),
        ('stretch', 'centreline'), ('partyunit', 'place'), ('incident', 'place')
    ) AS t (thing, shape) LOOP
        EXECUTE format(
            'CREATE TRIGGER %1$s_place_inserted AFTER INSERT ON layers_%1$s REFERENCING NEW TABLE AS changed '
            'FOR EACH STATEMENT EXECUTE FUNCTION gridmap_check_on_ground(%1$L, %2$L)', item.thing, item.shape);
        EXECUTE format(
            'CREATE TRIGGER %1$s_place_updated AFTER UPDATE ON layers_%1$s REFERENCING NEW TABLE AS changed '
            'FOR EACH STATEMENT EXECUTE FUNCTION gridmap_check_on_ground(%1$L, %2$L)', item.thing, item.shape);
    END LOOP;
END
$$;

-- The code and name on a subdistrict or community are those in force in its history: checked when
-- the transaction commits, so that both may be changed in either order.
CREATE FUNCTION gridmap_check_code_in_force() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE place record;
BEGIN
    IF tg_table_name = 'layers_placecode' THEN
        IF tg_op = 'DELETE' THEN place := old; ELSE place := new; END IF;
        PERFORM 1 FROM layers_subdistrict AS s WHERE s.id = place.subdistrict_id AND NOT EXISTS (
            SELECT FROM layers_placecode AS p
            WHERE p.subdistrict_id = s.id AND p.valid @> now() AND p.code = s.code AND p.name = s.name);
        IF FOUND THEN PERFORM gridmap_refuse('subdistrict_code_in_force', place.code, 0); END IF;
        PERFORM 1 FROM layers_community AS k WHERE k.id = place.community_id AND NOT EXISTS (
            SELECT FROM layers_placecode AS p
            WHERE p.community_id = k.id AND p.valid @> now() AND p.code = k.code AND p.name = k.name);
        IF FOUND THEN PERFORM gridmap_refuse('community_code_in_force', place.code, 0); END IF;
    ELSIF tg_table_name = 'layers_subdistrict' THEN
        PERFORM 1 FROM layers_placecode AS p
        INNER JOIN layers_subdistrict AS s ON s.id = p.subdistrict_id AND s.code = p.code AND s.name = p.name
        WHERE s.id = new.id AND p.valid @> now();
        IF NOT FOUND AND EXISTS (SELECT FROM layers_subdistrict AS s WHERE s.id = new.id) THEN
            PERFORM gridmap_refuse('subdistrict_code_in_force', new.code, 0);
        END IF;
    ELSE
        PERFORM 1 FROM layers_placecode AS p
        INNER JOIN layers_community AS k ON k.id = p.community_id AND k.code = p.code AND k.name = p.name
        WHERE k.id = new.id AND p.valid @> now();
        IF NOT FOUND AND EXISTS (SELECT FROM layers_community AS k WHERE k.id = new.id) THEN
            PERFORM gridmap_refuse('community_code_in_force', new.code, 0);
        END IF;
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER subdistrict_code_in_force AFTER INSERT OR UPDATE ON layers_subdistrict
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION gridmap_check_code_in_force();
CREATE CONSTRAINT TRIGGER community_code_in_force AFTER INSERT OR UPDATE ON layers_community
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION gridmap_check_code_in_force();
CREATE CONSTRAINT TRIGGER placecode_in_force AFTER INSERT OR UPDATE OR DELETE ON layers_placecode
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION gridmap_check_code_in_force();

-- What was in force stays as it was: an edition or a term may be closed, not moved or rewritten.
CREATE FUNCTION gridmap_keep_edition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF lower(old.valid) > now() THEN RETURN CASE tg_op WHEN 'DELETE' THEN old ELSE new END; END IF;
    IF tg_op = 'DELETE' OR new.cell_id <> old.cell_id OR new.code <> old.code
        OR lower(new.valid) IS DISTINCT FROM lower(old.valid) OR NOT new.geom ~= old.geom
        OR NOT ST_OrderingEquals(new.geom, old.geom) THEN
        PERFORM gridmap_refuse('celledition_is_kept', old.code, 0);
    END IF;
    RETURN new;
END
$$;
CREATE TRIGGER celledition_is_kept BEFORE UPDATE OR DELETE ON layers_celledition
FOR EACH ROW EXECUTE FUNCTION gridmap_keep_edition();

CREATE FUNCTION gridmap_keep_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM gridmap_refuse('entry_is_kept', old.id::text, 0);
    RETURN NULL;
END
$$;
CREATE TRIGGER entry_is_kept BEFORE UPDATE OR DELETE ON layers_entry
FOR EACH ROW EXECUTE FUNCTION gridmap_keep_entry();
