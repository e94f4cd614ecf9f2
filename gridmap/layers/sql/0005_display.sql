-- Display tables: what the map draws, in EPSG:3857 with shells as vector tiles want them, kept in
-- step with the source tables by statement triggers. Nothing is ever measured here.
--
-- What a layer should hold is said once, in the view tl_<layer>_now; gridmap_show() brings the
-- table tl_<layer> into line with it, for the rows named. When anything visible changed, the city's
-- edition rises (once a transaction) and with it the address of every tile.

-- Shells run clockwise with y pointing up, hence the way MVT 2.1 asks for once y points down.
CREATE FUNCTION gridmap_shown(shape geometry) RETURNS geometry
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT ST_ForcePolygonCW(ST_Transform(shape, 3857)) $$;

CREATE TABLE tl_ground (
    id bigint PRIMARY KEY, city_id bigint NOT NULL, kind text NOT NULL,
    geom geometry (MultiPolygon, 3857) NOT NULL
);
CREATE VIEW tl_ground_now AS
SELECT g.id, g.city_id, g.kind::text AS kind, gridmap_shown(g.geom) AS geom FROM layers_ground AS g;

CREATE TABLE tl_subdistrict (
    id bigint PRIMARY KEY, city_id bigint NOT NULL, geom geometry (MultiPolygon, 3857) NOT NULL
);
CREATE VIEW tl_subdistrict_now AS
SELECT s.id, s.city_id, gridmap_shown(s.geom) AS geom FROM layers_subdistrict AS s;

CREATE TABLE tl_community (
    id bigint PRIMARY KEY, city_id bigint NOT NULL, geom geometry (MultiPolygon, 3857) NOT NULL
);
CREATE VIEW tl_community_now AS
SELECT k.id, s.city_id, gridmap_shown(k.geom) AS geom
FROM layers_community AS k INNER JOIN layers_subdistrict AS s ON s.id = k.subdistrict_id;

-- The id is the cell's, not its edition's: values are joined by it across editions. The community
-- is here for the overlay feed, which sifts ten thousand cells by it.
CREATE TABLE tl_cell (
    id bigint PRIMARY KEY, city_id bigint NOT NULL, community_id bigint NOT NULL,
    geom geometry (MultiPolygon, 3857) NOT NULL
);
CREATE VIEW tl_cell_now AS
SELECT c.id, s.city_id, c.community_id, gridmap_shown(e.geom) AS geom
FROM layers_celledition AS e
INNER JOIN layers_cell AS c ON c.id = e.cell_id
INNER JOIN layers_community AS k ON k.id = c.community_id
INNER JOIN layers_subdistrict AS s ON s.id = k.subdistrict_id
WHERE e.valid @> now();

CREATE TABLE tl_street (
    id bigint PRIMARY KEY, city_id bigint NOT NULL, name text, width real,
    centreline geometry (MultiLineString, 3857) NOT NULL,
    geom geometry (MultiPolygon, 3857) NOT NULL
);
CREATE VIEW tl_street_now AS
SELECT
    w.id, w.city_id, nullif(w.name, '')::text AS name, w.width_m::real AS width,
    gridmap_shown(w.centreline) AS centreline, gridmap_shown(w.polygon) AS geom
FROM layers_street AS w;

CREATE TABLE tl_lane (LIKE tl_street INCLUDING ALL);
CREATE VIEW tl_lane_now AS
SELECT
    w.id, w.city_id, nullif(w.name, '')::text AS name, w.width_m::real AS width,
    gridmap_shown(w.centreline) AS centreline, gridmap_shown(w.polygon) AS geom
FROM layers_lane AS w;

CREATE TABLE tl_stretch (
    id bigint PRIMARY KEY, city_id bigint NOT NULL, side text NOT NULL,
    geom geometry (LineString, 3857) NOT NULL
);
CREATE VIEW tl_stretch_now AS
SELECT t.id, t.city_id, t.side::text AS side, gridmap_shown(t.centreline) AS geom
FROM layers_stretch AS t;

CREATE TABLE tl_building (
    id bigint PRIMARY KEY, city_id bigint NOT NULL, label text,
    geom geometry (MultiPolygon, 3857) NOT NULL
);
CREATE VIEW tl_building_now AS
SELECT
    b.id, b.city_id, coalesce(nullif(b.name, ''), nullif(b.number, ''))::text AS label,
    gridmap_shown(b.geom) AS geom
FROM layers_building AS b;

CREATE TABLE tl_partyunit (
    id bigint PRIMARY KEY, city_id bigint NOT NULL, geom geometry (Point, 3857) NOT NULL
);
CREATE VIEW tl_partyunit_now AS
SELECT p.id, p.city_id, gridmap_shown(p.place) AS geom FROM layers_partyunit AS p;

CREATE INDEX tl_ground_geom ON tl_ground USING gist (geom);
CREATE INDEX tl_subdistrict_geom ON tl_subdistrict USING gist (geom);
CREATE INDEX tl_community_geom ON tl_community USING gist (geom);
CREATE INDEX tl_cell_geom ON tl_cell USING gist (geom);
CREATE INDEX tl_street_geom ON tl_street USING gist (geom);
CREATE INDEX tl_street_centreline ON tl_street USING gist (centreline);
CREATE INDEX tl_lane_geom ON tl_lane USING gist (geom);
CREATE INDEX tl_lane_centreline ON tl_lane USING gist (centreline);
CREATE INDEX tl_stretch_geom ON tl_stretch USING gist (geom);
CREATE INDEX tl_building_geom ON tl_building USING gist (geom);
CREATE INDEX tl_partyunit_geom ON tl_partyunit USING gist (geom);

-- Raises the edition of these cities, once a transaction: nobody sees it before the commit, and
-- ten thousand single statements leave one new edition. A savepoint rolled back forgets it too.
CREATE FUNCTION gridmap_raise_edition(cities bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE one bigint;
BEGIN
    FOR one IN SELECT DISTINCT c.c FROM unnest(cities) AS c (c) WHERE c.c IS NOT NULL ORDER BY c.c LOOP
        CONTINUE WHEN current_setting('gridmap.raised_' || one, true) = pg_current_xact_id()::text;
        PERFORM set_config('gridmap.raised_' || one, pg_current_xact_id()::text, true);
        UPDATE layers_city AS y SET edition = y.edition + 1 WHERE y.id = one;
        PERFORM pg_notify('gridmap', 'edition');
    END LOOP;
END
$$;

-- An edition never falls, also when somebody saves a City that was read before it rose.
CREATE FUNCTION gridmap_keep_edition_rising() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    new.edition := greatest(new.edition, old.edition);
    RETURN new;
END
$$;
CREATE TRIGGER city_edition_rises BEFORE UPDATE ON layers_city
FOR EACH ROW EXECUTE FUNCTION gridmap_keep_edition_rising();

-- Brings these rows of one layer into line with what they should be. New rows come in Hilbert order
-- (the btree order of geometry), so that a tile finds its rows on few pages.
CREATE FUNCTION gridmap_show(layer text, ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    names text;
    renewed text;
    gone bigint[];
    drawn bigint[];
BEGIN
    IF ids IS NULL OR ids = '{}' THEN RETURN; END IF;
    SELECT string_agg(format('%I', a.attname), ', ' ORDER BY a.attnum),
        string_agg(format('excluded.%I', a.attname), ', ' ORDER BY a.attnum)
    INTO names, renewed
    FROM pg_attribute AS a
    WHERE a.attrelid = ('tl_' || layer)::regclass AND a.attnum > 0 AND NOT a.attisdropped;

    EXECUTE format(
        'WITH gone AS (DELETE FROM tl_%1$s AS t USING unnest($1) AS i (i) WHERE t.id = i.i AND NOT EXISTS '
        '(SELECT FROM tl_%1$s_now AS n WHERE n.id = t.id AND n.city_id = t.city_id) RETURNING t.city_id) '
        'SELECT array_agg(DISTINCT city_id) FROM gone', layer) INTO gone USING ids;
    EXECUTE format(
        'WITH drawn AS (INSERT INTO tl_%1$s AS t (%2$s) '
        'SELECT %2$s FROM tl_%1$s_now WHERE id IN (SELECT unnest($1)) ORDER BY geom '
        'ON CONFLICT (id) DO UPDATE SET (%2$s) = ROW (%3$s) WHERE ROW (t.*) IS DISTINCT FROM ROW (excluded.*) '
        'RETURNING t.city_id) SELECT array_agg(DISTINCT city_id) FROM drawn', layer, names, renewed)
    INTO drawn USING ids;
    PERFORM gridmap_raise_edition(gone || drawn);
END
$$;

-- Fills every layer anew in Hilbert order; for a bulk load made with triggers off, and for the
-- operator when many edits have scattered the rows. Takes the display tables for some seconds.
CREATE FUNCTION gridmap_redraw() RETURNS void LANGUAGE plpgsql AS $$
DECLARE layer text;
BEGIN
    FOREACH layer IN ARRAY ARRAY[
        'ground', 'subdistrict', 'community', 'cell', 'street', 'lane', 'stretch', 'building', 'partyunit'
    ] LOOP
        EXECUTE format('TRUNCATE tl_%1$s', layer);
        EXECUTE format('INSERT INTO tl_%1$s SELECT * FROM tl_%1$s_now ORDER BY geom', layer);
        EXECUTE format('ANALYZE tl_%1$s', layer);
    END LOOP;
END
$$;

-- Rows of a source table came, changed or went. Arguments: the layer, and the column with its id.
CREATE FUNCTION gridmap_show_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ids bigint[];
    more bigint[];
BEGIN
    EXECUTE format('SELECT array_agg(DISTINCT %I) FROM changed', tg_argv[1]) INTO ids;
    IF tg_op = 'UPDATE' THEN
        EXECUTE format('SELECT array_agg(DISTINCT %I) FROM removed', tg_argv[1]) INTO more;
    END IF;
    PERFORM gridmap_show(tg_argv[0], ids || more);
    RETURN NULL;
END
$$;

CREATE FUNCTION gridmap_show_nothing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('TRUNCATE tl_%I', tg_argv[0]);
    RETURN NULL;
END
$$;

DO $$
DECLARE item record;
BEGIN
    FOR item IN SELECT * FROM (VALUES
        ('ground', 'ground', 'id'), ('subdistrict', 'subdistrict', 'id'), ('community', 'community', 'id'),
        ('celledition', 'cell', 'cell_id'), ('street', 'street', 'id'), ('lane', 'lane', 'id'),
        ('stretch', 'stretch', 'id'), ('building', 'building', 'id'), ('partyunit', 'partyunit', 'id')
    ) AS t (source, layer, id) LOOP
        EXECUTE format(
            'CREATE TRIGGER %1$s_shown_inserted AFTER INSERT ON layers_%1$s REFERENCING NEW TABLE AS changed '
            'FOR EACH STATEMENT EXECUTE FUNCTION gridmap_show_changed(%2$L, %3$L)',
            item.source, item.layer, item.id);
        EXECUTE format(
            'CREATE TRIGGER %1$s_shown_updated AFTER UPDATE ON layers_%1$s REFERENCING OLD TABLE AS removed '
            'NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_show_changed(%2$L, %3$L)',
            item.source, item.layer, item.id);
        EXECUTE format(
            'CREATE TRIGGER %1$s_shown_deleted AFTER DELETE ON layers_%1$s REFERENCING OLD TABLE AS changed '
            'FOR EACH STATEMENT EXECUTE FUNCTION gridmap_show_changed(%2$L, %3$L)',
            item.source, item.layer, item.id);
        EXECUTE format(
            'CREATE TRIGGER %1$s_shown_truncated AFTER TRUNCATE ON layers_%1$s '
            'FOR EACH STATEMENT EXECUTE FUNCTION gridmap_show_nothing(%2$L)', item.source, item.layer);
    END LOOP;
END
$$;

-- A parent handed to another parent takes what hangs on it along to the other city.
CREATE FUNCTION gridmap_show_below() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    communities bigint[];
    cells bigint[];
BEGIN
    IF tg_table_name = 'layers_subdistrict' THEN
        communities := array(
            SELECT k.id FROM layers_community AS k WHERE k.subdistrict_id IN (SELECT n.id FROM changed AS n)
        );
        PERFORM gridmap_show('community', communities);
    ELSIF tg_table_name = 'layers_community' THEN
        communities := array(SELECT n.id FROM changed AS n);
    END IF;
    IF tg_table_name = 'layers_cell' THEN
        cells := array(SELECT n.id FROM changed AS n);
    ELSE
        cells := array(SELECT c.id FROM layers_cell AS c WHERE c.community_id = ANY (communities));
    END IF;
    PERFORM gridmap_show('cell', cells);
    RETURN NULL;
END
$$;
CREATE TRIGGER subdistrict_shown_below AFTER UPDATE ON layers_subdistrict
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_show_below();
CREATE TRIGGER community_shown_below AFTER UPDATE ON layers_community
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_show_below();
CREATE TRIGGER cell_shown_below AFTER UPDATE ON layers_cell
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_show_below();

-- Which edition of each city the live map was last told of.
CREATE TABLE tl_announced (city_id bigint PRIMARY KEY, edition bigint NOT NULL);

-- Incidents that left a community or a department, or were deleted: whoever saw them there must be
-- told, and nobody else. Kept as long as layers_change.
CREATE TABLE tl_departure (
    at timestamptz NOT NULL, incident_id bigint NOT NULL, city_id bigint NOT NULL,
    community_id bigint, department_id bigint
);
CREATE INDEX tl_departure_incident ON tl_departure (incident_id);
CREATE INDEX tl_departure_at ON tl_departure (at);

CREATE FUNCTION gridmap_incidents_left() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF tg_op = 'DELETE' THEN
        INSERT INTO tl_departure (at, incident_id, city_id, community_id, department_id)
        SELECT now(), o.id, o.city_id, o.community_id, o.department_id FROM removed AS o WHERE o.light <> 0;
    ELSE
        INSERT INTO tl_departure (at, incident_id, city_id, community_id, department_id)
        SELECT now(), o.id, o.city_id, o.community_id, o.department_id
        FROM removed AS o INNER JOIN changed AS n ON n.id = o.id
        WHERE o.light <> 0 AND (n.city_id, n.community_id, n.department_id)
            IS DISTINCT FROM (o.city_id, o.community_id, o.department_id);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER incident_left_updated AFTER UPDATE ON layers_incident
REFERENCING OLD TABLE AS removed NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION gridmap_incidents_left();
CREATE TRIGGER incident_left_deleted AFTER DELETE ON layers_incident
REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_incidents_left();

CREATE FUNCTION gridmap_forget_live() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    TRUNCATE tl_announced, tl_departure;
    RETURN NULL;
END
$$;
CREATE TRIGGER city_truncated AFTER TRUNCATE ON layers_city
FOR EACH STATEMENT EXECUTE FUNCTION gridmap_forget_live();

-- Tells the live map of editions that rose since it was last told. It holds gridmap_compact()'s
-- lock, for ids of layers_change must be commit order: written by the trigger inside a long load,
-- an edition would appear behind the cursor of every reader and be lost. Returns how many, -1 when
-- the lock is held.
CREATE FUNCTION gridmap_announce() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE announced integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(74202) THEN RETURN -1; END IF;
    DELETE FROM tl_departure AS d WHERE d.at < now() - interval '1 hour';
    WITH risen AS (
        INSERT INTO tl_announced AS a (city_id, edition)
        SELECT y.id, y.edition FROM layers_city AS y
        ON CONFLICT (city_id) DO UPDATE SET edition = excluded.edition WHERE a.edition <> excluded.edition
        RETURNING a.city_id
    )
    INSERT INTO layers_change (at, city_id, kind, cells, incidents)
    SELECT now(), r.city_id, 'edition', '{}', '{}' FROM risen AS r;
    GET DIAGNOSTICS announced = ROW_COUNT;
    IF announced > 0 THEN PERFORM pg_notify('gridmap', 'change'); END IF;
    RETURN announced;
END
$$;

SELECT gridmap_redraw();
