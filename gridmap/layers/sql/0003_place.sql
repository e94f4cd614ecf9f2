-- Which cell and community a thing lies in: found here, for every writer, and never typed.
-- A place on a shared border lies in the cell with the lowest code, every time.

-- Shapes are asked first and apart (MATERIALIZED): joined with the rest, a planner that takes the
-- tables for empty asks every shape once for each row of another table.
CREATE FUNCTION gridmap_cell_at(place geometry, city bigint, moment timestamptz) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH holding AS MATERIALIZED (
        SELECT e.cell_id, e.code FROM layers_celledition AS e
        WHERE e.geom && place AND ST_Covers(e.geom, place) AND e.valid @> moment
    )
    SELECT h.cell_id
    FROM holding AS h
    INNER JOIN layers_cell AS c ON c.id = h.cell_id
    INNER JOIN layers_community AS k ON k.id = c.community_id
    INNER JOIN layers_subdistrict AS s ON s.id = k.subdistrict_id
    WHERE s.city_id = city
    ORDER BY h.code LIMIT 1
$$;

CREATE FUNCTION gridmap_community_at(place geometry, city bigint) RETURNS bigint
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH holding AS MATERIALIZED (
        SELECT k.id, k.code, k.subdistrict_id FROM layers_community AS k
        WHERE k.geom && place AND ST_Covers(k.geom, place)
    )
    SELECT h.id
    FROM holding AS h INNER JOIN layers_subdistrict AS s ON s.id = h.subdistrict_id
    WHERE s.city_id = city
    ORDER BY h.code LIMIT 1
$$;

-- How an open incident stands against its limit: 0 ended, 1 ok, 2 soon (80 %), 3 late, 4 parked.
CREATE FUNCTION gridmap_light(
    state text, parked boolean, soon_at timestamptz, due timestamptz, moment timestamptz
) RETURNS smallint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN state IN ('closed', 'void') THEN 0
        WHEN parked THEN 4
        WHEN due <= moment THEN 3
        WHEN soon_at <= moment THEN 2
        ELSE 1
    END::smallint
$$;

CREATE FUNCTION gridmap_place_incident() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF tg_op = 'INSERT' THEN
        new.reported_cell_id := gridmap_cell_at(new.place, new.city_id, new.reported_at);
        new.cell_id := gridmap_cell_at(new.place, new.city_id, now());
    ELSE
        new.reported_cell_id := old.reported_cell_id;
        -- An ended incident stays where it was counted.
        new.cell_id := CASE
            WHEN old.light = 0 AND new.state IN ('closed', 'void') THEN old.cell_id
            ELSE gridmap_cell_at(new.place, new.city_id, now())
        END;
    END IF;
    new.community_id := coalesce(
        (SELECT c.community_id FROM layers_cell AS c WHERE c.id = new.cell_id),
        gridmap_community_at(new.place, new.city_id)
    );
    new.light := gridmap_light(new.state, new.parked, new.soon_at, new.due, now());
    RETURN new;
END
$$;
CREATE TRIGGER incident_placed BEFORE INSERT OR UPDATE ON layers_incident
FOR EACH ROW EXECUTE FUNCTION gridmap_place_incident();

CREATE FUNCTION gridmap_place_building() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE inner_point geometry := ST_PointOnSurface(new.geom);
BEGIN
    new.cell_id := gridmap_cell_at(inner_point, new.city_id, now());
    new.community_id := coalesce(
        (SELECT c.community_id FROM layers_cell AS c WHERE c.id = new.cell_id),
        gridmap_community_at(inner_point, new.city_id)
    );
    RETURN new;
END
$$;
CREATE TRIGGER building_placed BEFORE INSERT OR UPDATE ON layers_building
FOR EACH ROW EXECUTE FUNCTION gridmap_place_building();

CREATE FUNCTION gridmap_place_party_unit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    new.cell_id := gridmap_cell_at(new.place, new.city_id, now());
    new.community_id := coalesce(
        (SELECT c.community_id FROM layers_cell AS c WHERE c.id = new.cell_id),
        gridmap_community_at(new.place, new.city_id)
    );
    RETURN new;
END
$$;
CREATE TRIGGER partyunit_placed BEFORE INSERT OR UPDATE ON layers_partyunit
FOR EACH ROW EXECUTE FUNCTION gridmap_place_party_unit();

CREATE FUNCTION gridmap_place_stretch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    new.cell_id := gridmap_cell_at(new.anchor, new.city_id, now());
    RETURN new;
END
$$;
CREATE TRIGGER stretch_placed BEFORE INSERT OR UPDATE ON layers_stretch
FOR EACH ROW EXECUTE FUNCTION gridmap_place_stretch();

CREATE FUNCTION gridmap_place_entrance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT b.cell_id INTO new.cell_id FROM layers_building AS b WHERE b.id = new.building_id;
    RETURN new;
END
$$;
CREATE TRIGGER entrance_placed BEFORE INSERT OR UPDATE ON layers_entrance
FOR EACH ROW EXECUTE FUNCTION gridmap_place_entrance();

-- A lane keeps the community it was given (many run along a border); one without gets the one in
-- which its middle lies.
CREATE FUNCTION gridmap_place_lane() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    new.community_id := coalesce(
        new.community_id, gridmap_community_at(ST_PointOnSurface(new.centreline), new.city_id)
    );
    RETURN new;
END
$$;
CREATE TRIGGER lane_placed BEFORE INSERT OR UPDATE ON layers_lane
FOR EACH ROW EXECUTE FUNCTION gridmap_place_lane();

-- Finds the cells again of everything inside the ground given, after editions opened or closed.
-- Ended incidents stay where they were counted.
CREATE FUNCTION gridmap_rehome(touched geometry) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE layers_building AS b SET geom = b.geom
    WHERE b.geom && touched
        AND b.cell_id IS DISTINCT FROM gridmap_cell_at(ST_PointOnSurface(b.geom), b.city_id, now());
    UPDATE layers_entrance AS n SET place = n.place
    FROM layers_building AS b
    WHERE b.id = n.building_id AND b.geom && touched AND b.cell_id IS DISTINCT FROM n.cell_id;
    UPDATE layers_stretch AS s SET anchor = s.anchor
    WHERE s.anchor && touched AND s.cell_id IS DISTINCT FROM gridmap_cell_at(s.anchor, s.city_id, now());
    UPDATE layers_partyunit AS p SET place = p.place
    WHERE p.place && touched AND p.cell_id IS DISTINCT FROM gridmap_cell_at(p.place, p.city_id, now());
    UPDATE layers_incident AS i SET place = i.place
    WHERE i.place && touched AND i.light <> 0
        AND i.cell_id IS DISTINCT FROM gridmap_cell_at(i.place, i.city_id, now());
END
$$;

CREATE FUNCTION gridmap_cells_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM gridmap_rehome((SELECT ST_Envelope(ST_Collect(n.geom)) FROM changed AS n));
    RETURN NULL;
END
$$;
CREATE TRIGGER cell_rehome_inserted AFTER INSERT ON layers_celledition
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_cells_changed();
CREATE TRIGGER cell_rehome_updated AFTER UPDATE ON layers_celledition
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_cells_changed();
CREATE TRIGGER cell_rehome_deleted AFTER DELETE ON layers_celledition
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_cells_changed();

-- A new or changed building carries its entrances along.
CREATE FUNCTION gridmap_building_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE layers_entrance AS n SET place = n.place
    FROM changed AS b WHERE b.id = n.building_id AND b.cell_id IS DISTINCT FROM n.cell_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER building_entrances_follow AFTER UPDATE ON layers_building
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_building_moved();
-- Communities drawn after the buildings: those without one are found again.
CREATE FUNCTION gridmap_communities_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE layers_building AS b SET geom = b.geom FROM changed AS k
    WHERE b.community_id IS NULL AND b.geom && k.geom;
    UPDATE layers_partyunit AS p SET place = p.place FROM changed AS k
    WHERE p.community_id IS NULL AND p.place && k.geom;
    UPDATE layers_lane AS l SET name = l.name FROM changed AS k
    WHERE l.community_id IS NULL AND l.centreline && k.geom;
    UPDATE layers_incident AS i SET place = i.place FROM changed AS k
    WHERE i.community_id IS NULL AND i.place && k.geom;
    RETURN NULL;
END
$$;
CREATE TRIGGER community_found_inserted AFTER INSERT ON layers_community
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_communities_changed();
CREATE TRIGGER community_found_updated AFTER UPDATE ON layers_community
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_communities_changed();
