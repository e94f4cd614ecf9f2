-- The values of each cell (open, late, coverage, chiefs), kept in step with the tables.
-- Writers only append to layers_delta, so they share no lock; gridmap_compact() folds the deltas
-- into layers_cellstat and names what changed in layers_change, four times a second, for everybody.

-- A statement that touches more incidents than this names none: the map reads them all again.
CREATE FUNCTION gridmap_named_incidents() RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 500::bigint $$;

CREATE FUNCTION gridmap_incidents_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE nameable boolean := (SELECT count(*) <= gridmap_named_incidents() FROM changed);
BEGIN
    INSERT INTO layers_delta (cell_id, city_id, open, soon, late, parked, recount, incidents)
    SELECT n.cell_id, n.city_id, count(*), count(*) FILTER (WHERE n.light = 2),
        count(*) FILTER (WHERE n.light = 3), count(*) FILTER (WHERE n.light = 4), false,
        CASE WHEN nameable THEN array_agg(n.id) END
    FROM changed AS n WHERE n.light <> 0
    GROUP BY n.cell_id, n.city_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER incident_counted_inserted AFTER INSERT ON layers_incident
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_incidents_inserted();

CREATE FUNCTION gridmap_incidents_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE nameable boolean := (SELECT count(*) <= gridmap_named_incidents() FROM removed);
BEGIN
    INSERT INTO layers_delta (cell_id, city_id, open, soon, late, parked, recount, incidents)
    SELECT o.cell_id, o.city_id, -count(*), -count(*) FILTER (WHERE o.light = 2),
        -count(*) FILTER (WHERE o.light = 3), -count(*) FILTER (WHERE o.light = 4), false,
        CASE WHEN nameable THEN array_agg(o.id) END
    FROM removed AS o WHERE o.light <> 0
    GROUP BY o.cell_id, o.city_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER incident_counted_deleted AFTER DELETE ON layers_incident
REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_incidents_deleted();

-- An update takes away what was and adds what is; a change of words alone still names its incident.
CREATE FUNCTION gridmap_incidents_updated() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE nameable boolean := (SELECT count(*) <= gridmap_named_incidents() FROM changed);
BEGIN
    INSERT INTO layers_delta (cell_id, city_id, open, soon, late, parked, recount, incidents)
    SELECT m.cell_id, m.city_id, sum(m.n), sum(m.n * (m.light = 2)::integer),
        sum(m.n * (m.light = 3)::integer), sum(m.n * (m.light = 4)::integer), false,
        CASE WHEN nameable THEN array_agg(DISTINCT m.id) END
    FROM (
        SELECT n.id, n.cell_id, n.city_id, n.light, 1 AS n FROM changed AS n WHERE n.light <> 0
        UNION ALL
        SELECT o.id, o.cell_id, o.city_id, o.light, -1 FROM removed AS o WHERE o.light <> 0
    ) AS m
    GROUP BY m.cell_id, m.city_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER incident_counted_updated AFTER UPDATE ON layers_incident
REFERENCING OLD TABLE AS removed NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION gridmap_incidents_updated();

-- Asks for coverage and chiefs of these cells to be counted again.
CREATE FUNCTION gridmap_ask_recount(cells bigint[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO layers_delta (cell_id, city_id, open, soon, late, parked, recount, incidents)
    SELECT c.id, s.city_id, 0, 0, 0, 0, true, '{}'
    FROM layers_cell AS c
    INNER JOIN layers_community AS k ON k.id = c.community_id
    INNER JOIN layers_subdistrict AS s ON s.id = k.subdistrict_id
    WHERE c.id = ANY (cells)
$$;

-- Visits: the latest one of each place, and its cell.
CREATE FUNCTION gridmap_visits_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO layers_stretchseen AS seen (stretch_id, at)
    SELECT n.stretch_id, max(n.at) FROM changed AS n WHERE n.stretch_id IS NOT NULL
    GROUP BY n.stretch_id ORDER BY n.stretch_id
    ON CONFLICT (stretch_id) DO UPDATE SET at = greatest(seen.at, excluded.at);
    INSERT INTO layers_entranceseen AS seen (entrance_id, at)
    SELECT n.entrance_id, max(n.at) FROM changed AS n WHERE n.entrance_id IS NOT NULL
    GROUP BY n.entrance_id ORDER BY n.entrance_id
    ON CONFLICT (entrance_id) DO UPDATE SET at = greatest(seen.at, excluded.at);
    PERFORM gridmap_ask_recount(array(
        SELECT s.cell_id FROM layers_stretch AS s INNER JOIN changed AS n ON n.stretch_id = s.id
        UNION
        SELECT e.cell_id FROM layers_entrance AS e INNER JOIN changed AS n ON n.entrance_id = e.id
    ));
    RETURN NULL;
END
$$;
CREATE TRIGGER visit_seen_inserted AFTER INSERT ON layers_visit
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_visits_inserted();

-- Visits corrected or taken back: the latest visit of these places is looked up again.
CREATE FUNCTION gridmap_look_again(stretches bigint[], entrances bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM layers_stretchseen AS seen WHERE seen.stretch_id = ANY (stretches);
    INSERT INTO layers_stretchseen (stretch_id, at)
    SELECT v.stretch_id, max(v.at)
    FROM layers_visit AS v INNER JOIN layers_stretch AS s ON s.id = v.stretch_id
    WHERE v.stretch_id = ANY (stretches) GROUP BY v.stretch_id;
    DELETE FROM layers_entranceseen AS seen WHERE seen.entrance_id = ANY (entrances);
    INSERT INTO layers_entranceseen (entrance_id, at)
    SELECT v.entrance_id, max(v.at)
    FROM layers_visit AS v INNER JOIN layers_entrance AS e ON e.id = v.entrance_id
    WHERE v.entrance_id = ANY (entrances) GROUP BY v.entrance_id;
    PERFORM gridmap_ask_recount(array(
        SELECT s.cell_id FROM layers_stretch AS s WHERE s.id = ANY (stretches)
        UNION
        SELECT e.cell_id FROM layers_entrance AS e WHERE e.id = ANY (entrances)
    ));
END
$$;

CREATE FUNCTION gridmap_visits_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM gridmap_look_again(
        array(SELECT DISTINCT o.stretch_id FROM removed AS o),
        array(SELECT DISTINCT o.entrance_id FROM removed AS o));
    RETURN NULL;
END
$$;
CREATE TRIGGER visit_seen_deleted AFTER DELETE ON layers_visit
REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_visits_deleted();

-- Both the places named before and those named now.
CREATE FUNCTION gridmap_visits_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM gridmap_look_again(
        array(SELECT o.stretch_id FROM removed AS o UNION SELECT n.stretch_id FROM changed AS n),
        array(SELECT o.entrance_id FROM removed AS o UNION SELECT n.entrance_id FROM changed AS n));
    RETURN NULL;
END
$$;
CREATE TRIGGER visit_seen_updated AFTER UPDATE ON layers_visit
REFERENCING OLD TABLE AS removed NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION gridmap_visits_updated();

-- The streets and lanes of a cell: those with a stretch in it, and those its buildings belong to
-- (an arterial road is not walked, but its chief answers for the houses along it).
CREATE VIEW gridmap_cell_way AS
SELECT s.cell_id, s.street_id, s.lane_id FROM layers_stretch AS s
UNION ALL
SELECT b.cell_id, b.street_id, b.lane_id FROM layers_building AS b;

-- Chiefs: the cells in which the object of a term lies.
CREATE FUNCTION gridmap_terms_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM gridmap_ask_recount(array(
        SELECT b.cell_id FROM layers_building AS b INNER JOIN changed AS t ON t.building_id = b.id
        UNION
        SELECT w.cell_id FROM gridmap_cell_way AS w INNER JOIN changed AS t ON t.lane_id = w.lane_id
        UNION
        SELECT w.cell_id FROM gridmap_cell_way AS w INNER JOIN changed AS t ON t.street_id = w.street_id
    ));
    RETURN NULL;
END
$$;
CREATE TRIGGER chiefterm_counted_inserted AFTER INSERT ON layers_chiefterm
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_terms_changed();
CREATE TRIGGER chiefterm_counted_updated AFTER UPDATE ON layers_chiefterm
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_terms_changed();
CREATE TRIGGER chiefterm_counted_deleted AFTER DELETE ON layers_chiefterm
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_terms_changed();

-- Places appear, move between cells, or go: the cells before and after are counted again.
CREATE FUNCTION gridmap_places_inserted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM gridmap_ask_recount(array(SELECT DISTINCT n.cell_id FROM changed AS n));
    RETURN NULL;
END
$$;
CREATE FUNCTION gridmap_places_updated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM gridmap_ask_recount(array(
        SELECT n.cell_id FROM changed AS n UNION SELECT o.cell_id FROM removed AS o
    ));
    RETURN NULL;
END
$$;
DO $$
DECLARE thing text;
BEGIN
    FOREACH thing IN ARRAY ARRAY['building', 'stretch', 'entrance', 'celledition'] LOOP
        EXECUTE format(
            'CREATE TRIGGER %1$s_counted_inserted AFTER INSERT ON layers_%1$s REFERENCING NEW TABLE AS changed '
            'FOR EACH STATEMENT EXECUTE FUNCTION gridmap_places_inserted()', thing);
        EXECUTE format(
            'CREATE TRIGGER %1$s_counted_updated AFTER UPDATE ON layers_%1$s REFERENCING OLD TABLE AS removed '
            'NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_places_updated()', thing);
        EXECUTE format(
            'CREATE TRIGGER %1$s_counted_deleted AFTER DELETE ON layers_%1$s REFERENCING OLD TABLE AS changed '
            'FOR EACH STATEMENT EXECUTE FUNCTION gridmap_places_inserted()', thing);
    END LOOP;
END
$$;

-- Freshness class of a place on a local day: 0 today, 1 one or two days, 2 three or four, 3 longer
-- but inside its interval, 4 due today, 5 over its interval, 6 never seen.
CREATE FUNCTION gridmap_freshness(seen_on date, interval_days integer, today date) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN seen_on IS NULL THEN 6
        WHEN today - seen_on <= 0 THEN 0
        WHEN today - seen_on > interval_days THEN 5
        WHEN today - seen_on = interval_days THEN 4
        WHEN today - seen_on <= 2 THEN 1
        WHEN today - seen_on <= 4 THEN 2
        ELSE 3
    END
$$;

-- Standing of an object from its terms in force: 1 filled, 2 substitute, 3 expiring, 4 vacant.
CREATE FUNCTION gridmap_standing(substitute boolean, ends timestamptz[], moment timestamptz)
RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN substitute THEN 2
        WHEN ends IS NULL THEN 4
        WHEN ends[1] <= moment + interval '30 days' THEN 3
        ELSE 1
    END
$$;

CREATE FUNCTION gridmap_street_standing(object bigint, moment timestamptz) RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT gridmap_standing(
        bool_or(t.standing = 'substitute'),
        array_agg(upper(t.valid)) FILTER (WHERE t.standing = 'acting'), moment)
    FROM layers_chiefterm AS t WHERE t.street_id = object AND t.valid @> moment
$$;
CREATE FUNCTION gridmap_lane_standing(object bigint, moment timestamptz) RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT gridmap_standing(
        bool_or(t.standing = 'substitute'),
        array_agg(upper(t.valid)) FILTER (WHERE t.standing = 'acting'), moment)
    FROM layers_chiefterm AS t WHERE t.lane_id = object AND t.valid @> moment
$$;
CREATE FUNCTION gridmap_building_standing(object bigint, moment timestamptz) RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT gridmap_standing(
        bool_or(t.standing = 'substitute'),
        array_agg(upper(t.valid)) FILTER (WHERE t.standing = 'acting'), moment)
    FROM layers_chiefterm AS t WHERE t.building_id = object AND t.valid @> moment
$$;

-- Counts per class (numbered from base) as an array of size entries.
CREATE FUNCTION gridmap_tally(classes integer[], base integer, size integer) RETURNS integer[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT array_agg(coalesce(n.n, 0) ORDER BY k.k)
    FROM generate_series(base, base + size - 1) AS k (k)
    LEFT JOIN (SELECT c.c, count(*)::integer AS n FROM unnest(classes) AS c (c) GROUP BY c.c) AS n
        ON n.c = k.k
$$;

-- Coverage and chiefs of these cells, counted from the tables themselves.
CREATE FUNCTION gridmap_count_cells(cells bigint[])
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
            SELECT gridmap_street_standing(o.street_id, now())
            FROM (SELECT DISTINCT w.street_id FROM gridmap_cell_way AS w WHERE w.cell_id = c.id) AS o
            WHERE o.street_id IS NOT NULL
        ), 1, 4) || gridmap_tally(array(
            SELECT gridmap_lane_standing(o.lane_id, now())
            FROM (SELECT DISTINCT w.lane_id FROM gridmap_cell_way AS w WHERE w.cell_id = c.id) AS o
            WHERE o.lane_id IS NOT NULL
        ), 1, 4) || gridmap_tally(array(
            SELECT gridmap_building_standing(b.id, now()) FROM layers_building AS b WHERE b.cell_id = c.id
        ), 1, 4)
    FROM layers_cell AS c
    INNER JOIN layers_community AS k ON k.id = c.community_id
    INNER JOIN layers_subdistrict AS u ON u.id = k.subdistrict_id
    INNER JOIN layers_city AS y ON y.id = u.city_id
    CROSS JOIN LATERAL (SELECT (now() AT TIME ZONE y.time_zone)::date AS today) AS d
    WHERE c.id = ANY (cells)
$$;

-- Folds the deltas that are visible now. Returns the number of changes announced; -1 when another
-- timekeeper is at it. Counts are exact by row; a recount reads the tables as they are now.
CREATE FUNCTION gridmap_compact() RETURNS integer LANGUAGE plpgsql AS $$
DECLARE folded bigint[]; announced integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(74202) THEN RETURN -1; END IF;
    folded := array(SELECT d.id FROM layers_delta AS d);
    IF folded = '{}' THEN RETURN 0; END IF;
    INSERT INTO layers_cellstat AS stat
    (cell_id, city_id, open, soon, late, parked, stretches, entrances, chiefs, counted_on)
    SELECT n.cell, n.city, 0, 0, 0, 0, n.stretches, n.entrances, n.chiefs, n.today
    FROM gridmap_count_cells(array(
        SELECT DISTINCT d.cell_id FROM layers_delta AS d
        LEFT JOIN layers_cellstat AS stat ON stat.cell_id = d.cell_id
        WHERE d.id = ANY (folded) AND (d.recount OR stat.cell_id IS NULL)
    )) AS n
    ON CONFLICT (cell_id) DO UPDATE SET
        stretches = excluded.stretches, entrances = excluded.entrances,
        chiefs = excluded.chiefs, counted_on = excluded.counted_on;
    UPDATE layers_cellstat AS stat SET
        open = stat.open + d.open, soon = stat.soon + d.soon,
        late = stat.late + d.late, parked = stat.parked + d.parked
    FROM (
        SELECT x.cell_id, sum(x.open) AS open, sum(x.soon) AS soon,
            sum(x.late) AS late, sum(x.parked) AS parked
        FROM layers_delta AS x WHERE x.id = ANY (folded) GROUP BY x.cell_id
    ) AS d
    WHERE d.cell_id = stat.cell_id AND (d.open, d.soon, d.late, d.parked) <> (0, 0, 0, 0);
    INSERT INTO layers_change (at, city_id, kind, cells, incidents)
    SELECT now(), d.city_id, 'change',
        coalesce(array_agg(DISTINCT d.cell_id) FILTER (WHERE d.cell_id IS NOT NULL), '{}'),
        CASE WHEN bool_and(d.incidents IS NOT NULL) THEN array(
            SELECT DISTINCT i.i FROM layers_delta AS x CROSS JOIN LATERAL unnest(x.incidents) AS i (i)
            WHERE x.id = ANY (folded) AND x.city_id = d.city_id
        ) END
    FROM layers_delta AS d WHERE d.id = ANY (folded)
    GROUP BY d.city_id;
    GET DIAGNOSTICS announced = ROW_COUNT;
    DELETE FROM layers_delta AS d WHERE d.id = ANY (folded);
    PERFORM pg_notify('gridmap', 'change');
    RETURN announced;
END
$$;

-- Counts every cell anew, incidents included: what the roll-up must always be equal to.
CREATE FUNCTION gridmap_true_stats(city bigint)
RETURNS TABLE (
    cell bigint, open bigint, soon bigint, late bigint, parked bigint,
    stretches integer[], entrances integer[], chiefs integer[]
)
LANGUAGE sql STABLE AS $$
    SELECT n.cell, count(i.id), count(i.id) FILTER (WHERE i.light = 2),
        count(i.id) FILTER (WHERE i.light = 3), count(i.id) FILTER (WHERE i.light = 4),
        n.stretches, n.entrances, n.chiefs
    FROM gridmap_count_cells(array(SELECT c.id FROM layers_cell AS c)) AS n
    LEFT JOIN layers_incident AS i ON i.cell_id = n.cell AND i.light <> 0
    WHERE n.city = gridmap_true_stats.city
    GROUP BY n.cell, n.stretches, n.entrances, n.chiefs
$$;

-- Whether a term began, ended, or came within the 30 days of gridmap_standing() in this time.
CREATE FUNCTION gridmap_term_turned(valid tstzrange, since timestamptz, until timestamptz)
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT (lower(valid) > since AND lower(valid) <= until)
        OR (upper(valid) > since AND upper(valid) <= until)
        OR (upper(valid) > since + interval '30 days' AND upper(valid) <= until + interval '30 days')
$$;

-- Follows the clock: lights that turn, days that pass, terms and editions that begin or end.
-- Called every few seconds by the timekeeper; safe to call twice, safe after a pause of any length.
CREATE FUNCTION gridmap_sweep() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    since timestamptz;
BEGIN
    IF NOT pg_try_advisory_xact_lock(74203) THEN RETURN; END IF;
    INSERT INTO layers_clock (id, swept_at) VALUES (1, now()) ON CONFLICT DO NOTHING;
    SELECT c.swept_at INTO since FROM layers_clock AS c FOR UPDATE;

    UPDATE layers_incident AS i SET light = i.light
    WHERE (i.light IN (1, 2) AND i.due <= now()) OR (i.light = 1 AND i.soon_at <= now());

    -- Touching an edition whose hour has come or gone moves everything that hangs on it.
    UPDATE layers_celledition AS e SET valid = e.valid
    WHERE (lower(e.valid) > since AND lower(e.valid) <= now())
        OR (upper(e.valid) > since AND upper(e.valid) <= now());

    PERFORM gridmap_ask_recount(array(
        SELECT stat.cell_id FROM layers_cellstat AS stat
        INNER JOIN layers_city AS y ON y.id = stat.city_id
        WHERE stat.counted_on < (now() AT TIME ZONE y.time_zone)::date
        UNION
        SELECT b.cell_id FROM layers_chiefterm AS t INNER JOIN layers_building AS b ON b.id = t.building_id
        WHERE gridmap_term_turned(t.valid, since, now())
        UNION
        SELECT w.cell_id FROM layers_chiefterm AS t
        INNER JOIN gridmap_cell_way AS w ON w.lane_id = t.lane_id OR w.street_id = t.street_id
        WHERE gridmap_term_turned(t.valid, since, now())
    ));

    -- The newest stays: a reader who remembers it has missed nothing.
    DELETE FROM layers_change AS c
    WHERE c.at < now() - interval '1 hour' AND c.id < (SELECT max(x.id) FROM layers_change AS x);
    UPDATE layers_clock AS c SET swept_at = now();
END
$$;

-- The timekeeper answers for all that comes from now on, before its first round too.
INSERT INTO layers_clock (id, swept_at) VALUES (1, now());
