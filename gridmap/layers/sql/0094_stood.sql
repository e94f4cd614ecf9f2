-- What a step tells of its incident: who led and who helped while it went on, and by when the case
-- was due. The open step says what the incident says, whoever writes; one that has ended is kept.

CREATE OR REPLACE FUNCTION gridmap_take_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    prior layers_step;
    way gridmap_transition;
    place text := new.incident_id || ' ' || new.verb;
BEGIN
    -- The first steps of an incident are written by its own trigger, as they are known (below).
    IF pg_trigger_depth() > 1 THEN RETURN new; END IF;
    SELECT s.* INTO prior FROM layers_step AS s
    WHERE s.incident_id = new.incident_id ORDER BY s.number DESC LIMIT 1;
    IF new.number <> coalesce(prior.number, 0) + 1 OR new.came_from <> coalesce(prior.state, '')
        OR new.begins < prior.begins OR new.begins IS DISTINCT FROM coalesce(prior.ends, new.begins) THEN
        PERFORM gridmap_refuse('step_follows_step', place, 0);
    END IF;
    SELECT t.* INTO way FROM gridmap_transition AS t
    WHERE t.verb = new.verb AND t.from_state = new.came_from AND t.to_state = new.state;
    IF way IS NULL OR (prior.paused AND NOT way.parked) THEN
        PERFORM gridmap_refuse('step_is_legal', place, 0);
    END IF;
    IF new.verb IN ('file', 'close') AND NOT EXISTS (
        SELECT FROM layers_incident AS i
        WHERE i.id = new.incident_id AND CASE new.verb WHEN 'file' THEN i.verified ELSE i.inspected END
    ) THEN PERFORM gridmap_refuse('step_has_what_it_needs', place, 0); END IF;
    new.paused := CASE
        WHEN new.verb = 'park' THEN true
        WHEN new.verb = 'resume' OR new.came_from <> new.state THEN false
        ELSE coalesce(prior.paused, false)
    END;
    new.entered := CASE WHEN new.came_from = new.state THEN prior.entered ELSE new.begins END;
    new.light := CASE WHEN new.ends IS NULL
        THEN gridmap_light(new.state, new.paused, new.soon_at, new.due, now()) ELSE 0 END;
    -- What the deed changes besides follows when the incident is written.
    SELECT i.department_id, i.helpers, i.urgent, i.soon_at, i.due
    INTO new.lead_id, new.helpers, new.urgent, new.case_soon_at, new.case_due
    FROM layers_incident AS i WHERE i.id = new.incident_id;
    IF prior.ends IS NULL THEN
        UPDATE layers_step AS s SET ends = new.begins WHERE s.id = prior.id;
    END IF;
    RETURN new;
END
$$;

CREATE OR REPLACE FUNCTION gridmap_keep_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF tg_op = 'DELETE' THEN
        IF EXISTS (SELECT FROM layers_incident AS i WHERE i.id = old.incident_id) THEN
            PERFORM gridmap_refuse('step_is_kept', old.id::text, 0);
        END IF;
        RETURN old;
    END IF;
    IF (new.incident_id, new.number, new.verb, new.came_from, new.state, new.paused, new.begins, new.entered)
        IS DISTINCT FROM
        (old.incident_id, old.number, old.verb, old.came_from, old.state, old.paused, old.begins, old.entered)
        OR (old.ends IS NOT NULL AND (
            new.ends, new.due, new.lead_id, new.helpers, new.urgent, new.case_soon_at, new.case_due
        ) IS DISTINCT FROM (
            old.ends, old.due, old.lead_id, old.helpers, old.urgent, old.case_soon_at, old.case_due
        )) THEN
        PERFORM gridmap_refuse('step_is_kept', old.id::text, 0);
    END IF;
    new.light := CASE WHEN new.ends IS NULL
        THEN gridmap_light(new.state, new.paused, new.soon_at, new.due, now()) ELSE 0 END;
    RETURN new;
END
$$;

CREATE FUNCTION gridmap_tell_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE layers_step AS s SET
        lead_id = new.department_id, helpers = new.helpers, urgent = new.urgent,
        case_soon_at = new.soon_at, case_due = new.due
    WHERE s.incident_id = new.id AND s.ends IS NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER incident_tells_its_step AFTER UPDATE ON layers_incident FOR EACH ROW
WHEN (
    (old.department_id, old.helpers, old.urgent, old.soon_at, old.due)
    IS DISTINCT FROM (new.department_id, new.helpers, new.urgent, new.soon_at, new.due)
)
EXECUTE FUNCTION gridmap_tell_step();

-- At commit the open step says what its incident says.
CREATE OR REPLACE FUNCTION gridmap_check_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM layers_incident AS i
        INNER JOIN layers_step AS s ON s.incident_id = i.id AND s.ends IS NULL
        WHERE i.id = new.incident_id AND (
            s.state, s.paused, s.lead_id, s.helpers, s.urgent, s.case_soon_at, s.case_due
        ) IS DISTINCT FROM (
            i.state, i.parked, i.department_id, i.helpers, i.urgent, i.soon_at, i.due
        )
    ) THEN PERFORM gridmap_refuse('step_and_incident_agree', new.incident_id::text, 0); END IF;
    RETURN NULL;
END
$$;

-- The steps of incidents that come with a state of their own, as in 0041. The limit came with the
-- incident; who had it before it came nobody knows, and before it was filed its clock stood still.
CREATE OR REPLACE FUNCTION gridmap_first_steps(incidents bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    WITH known AS (
        SELECT i.*, greatest(i.filed_at, i.reported_at) AS f,
            greatest(i.closed_at, i.filed_at, i.reported_at) AS x,
            i.state NOT IN ('reported', 'filed') OR i.parked AS beyond
        FROM layers_incident AS i WHERE i.id = ANY (incidents)
    ),
    stay AS (
        SELECT k.id, 1 AS rank, 'report' AS verb, 'reported' AS state, k.reported_at AS begins,
            k.reporter_id AS by, false AS paused FROM known AS k
        UNION ALL
        SELECT k.id, 2, 'file', 'filed', k.f, null, false FROM known AS k
        WHERE k.f IS NOT NULL AND k.state <> 'reported'
        UNION ALL
        SELECT k.id, 3, 'take_over', k.state, k.x, null, k.parked FROM known AS k
        WHERE k.beyond OR (k.f IS NULL AND k.state = 'filed')
    ),
    chain AS (
        SELECT s.*, row_number() OVER w AS number, lag(s.state) OVER w AS came_from,
            lead(s.begins) OVER w AS ends
        FROM stay AS s WINDOW w AS (PARTITION BY s.id ORDER BY s.rank)
    )
    INSERT INTO layers_step (incident_id, number, verb, came_from, state, paused, by_id, role,
        department_id, why, detail, begins, ends, entered, soon_at, due, light,
        lead_id, helpers, urgent, case_soon_at, case_due)
    SELECT c.id, c.number, c.verb, coalesce(c.came_from, ''), c.state, c.paused, c.by, '',
        CASE WHEN c.state IN ('dispatched', 'handling') THEN i.department_id END, '', '{}',
        c.begins, c.ends, c.begins,
        CASE WHEN c.state IN ('dispatched', 'handling') AND i.due IS NOT NULL THEN i.soon_at END,
        CASE WHEN c.state IN ('dispatched', 'handling') THEN i.due END,
        CASE
            WHEN c.ends IS NOT NULL THEN 0
            WHEN c.state IN ('dispatched', 'handling')
                THEN gridmap_light(c.state, c.paused, i.soon_at, i.due, now())
            ELSE gridmap_light(c.state, c.paused, null, null, now())
        END,
        CASE WHEN c.ends IS NULL THEN i.department_id END,
        CASE WHEN c.ends IS NULL THEN i.helpers ELSE '{}' END,
        i.urgent AND (c.ends IS NULL OR c.state <> 'reported'),
        CASE WHEN c.ends IS NULL OR c.state <> 'reported' THEN i.soon_at END,
        CASE WHEN c.ends IS NULL OR c.state <> 'reported' THEN i.due END
    FROM chain AS c INNER JOIN layers_incident AS i ON i.id = c.id
    ORDER BY c.id, c.number;
END
$$;

-- What stood open at a moment: its cell and light then, whose it was then, and at what it lies.
DROP FUNCTION gridmap_open_at(bigint, bigint, timestamptz, timestamptz, timestamptz);
CREATE FUNCTION gridmap_open_at(
    city bigint, kind bigint, since timestamptz, until timestamptz, moment timestamptz
)
RETURNS TABLE (
    cell bigint, department bigint, helpers bigint[], street bigint, lane bigint, building bigint,
    light smallint
)
LANGUAGE sql STABLE AS $$
    SELECT coalesce(h.cell, gridmap_cell_at(i.place, i.city_id, moment)), s.lead_id, s.helpers,
        i.street_id, i.lane_id, i.building_id,
        gridmap_light(s.state, s.paused, s.case_soon_at, s.case_due, moment)
    FROM layers_incident AS i
    INNER JOIN layers_step AS s ON s.incident_id = i.id
        AND s.begins <= moment AND (s.ends IS NULL OR s.ends > moment)
    LEFT JOIN gridmap_cells_at(gridmap_open_at.city, moment) AS h ON h.cell = i.cell_id AND h.same
    WHERE i.city_id = gridmap_open_at.city AND i.reported_at <= moment
        AND (i.closed_at IS NULL OR i.closed_at > moment)  -- the last end is not before then
        AND s.state NOT IN ('closed', 'void')
        AND (kind IS NULL OR i.category_id = kind)
        AND CASE WHEN i.filed_at <= moment THEN i.filed_at ELSE i.reported_at END
            >= coalesce(since, '-infinity')
        AND CASE WHEN i.filed_at <= moment THEN i.filed_at ELSE i.reported_at END
            < coalesce(until, 'infinity')
$$;

-- Which columns of the overlay are known for a moment.
CREATE OR REPLACE FUNCTION gridmap_overlay_columns_at(city bigint, moment timestamptz)
RETURNS text[]
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN 'incidents' = ANY (k.known) THEN (gridmap_overlay_columns())[1:4] ELSE '{}' END
        || CASE WHEN 'coverage' = ANY (k.known) THEN (gridmap_overlay_columns())[5:18] ELSE '{}' END
        || CASE WHEN 'chiefs' = ANY (k.known) THEN (gridmap_overlay_columns())[19:30] ELSE '{}' END
    FROM (SELECT gridmap_known_at(city, moment) AS known) AS k
$$;

-- The overlay of a city as it was at a moment, for the cells of then; figures in the order of
-- gridmap_overlay_columns_at(). Parameters as in gridmap_overlay(): in cells that are not the
-- caller's own, what was somebody's business one by one is counted and nothing else told.
DROP FUNCTION gridmap_overlay_at(
    bigint, bigint[], bigint[], bigint[], bigint, date, date, timestamptz
);
CREATE FUNCTION gridmap_overlay_at(
    city bigint, communities bigint[], own_cells bigint[], departments bigint[], assigned bigint[],
    assigned_in bigint[], streets bigint[], lanes bigint[], buildings bigint[],
    kind bigint, since date, until date, moment timestamptz
)
RETURNS TABLE (cell bigint, figures integer[])
LANGUAGE plpgsql STABLE AS $$
DECLARE
    zone text := (SELECT y.time_zone FROM layers_city AS y WHERE y.id = city);
    opens timestamptz := since::timestamp AT TIME ZONE zone;
    closes timestamptz := (until + 1)::timestamp AT TIME ZONE zone;
    known text[] := gridmap_known_at(city, moment);
    ground boolean := communities IS NULL OR communities || own_cells <> '{}';
BEGIN
    RETURN QUERY
    WITH cells AS MATERIALIZED (
        SELECT c.cell, c.community,
            communities IS NULL OR c.community = ANY (communities) OR c.cell = ANY (own_cells) AS own
        FROM gridmap_cells_at(city, moment) AS c
    ), o AS (
        SELECT i.cell, ARRAY[
            count(*), count(*) FILTER (WHERE i.light = 2), count(*) FILTER (WHERE i.light = 3),
            count(*) FILTER (WHERE i.light = 4)
        ]::integer[] AS n
        FROM gridmap_open_at(city, kind, opens, closes, moment) AS i
        INNER JOIN cells AS c ON c.cell = i.cell AND (
            c.own OR i.department = ANY (departments) OR i.helpers && departments
            OR i.street = ANY (streets) OR i.lane = ANY (lanes) OR i.building = ANY (buildings)
            OR EXISTS (
                SELECT FROM unnest(assigned, assigned_in) AS a (department, community)
                WHERE a.community = c.community
                    AND (a.department = i.department OR a.department = ANY (i.helpers))
            )
        )
        WHERE 'incidents' = ANY (known)
        GROUP BY i.cell
    ), f AS (
        SELECT v.cell, gridmap_tally(array_agg(v.class) FILTER (WHERE v.thing = 'stretch'), 0, 7)
            || gridmap_tally(array_agg(v.class) FILTER (WHERE v.thing = 'entrance'), 0, 7) AS n
        FROM gridmap_freshness_at(city, moment) AS v
        WHERE ground AND 'coverage' = ANY (known) GROUP BY v.cell
    ), s AS (
        SELECT v.cell, gridmap_tally(array_agg(v.class) FILTER (WHERE v.rung = 'street'), 1, 4)
            || gridmap_tally(array_agg(v.class) FILTER (WHERE v.rung = 'lane'), 1, 4)
            || gridmap_tally(array_agg(v.class) FILTER (WHERE v.rung = 'building'), 1, 4) AS n
        FROM gridmap_standing_at(city, moment) AS v
        WHERE ground AND 'chiefs' = ANY (known) GROUP BY v.cell
    )
    SELECT c.cell,
        CASE WHEN 'incidents' = ANY (known) THEN coalesce(o.n, '{0,0,0,0}') ELSE '{}' END
        || CASE WHEN 'coverage' = ANY (known)
            THEN coalesce(CASE WHEN c.own THEN f.n END, array_fill(0, ARRAY[14])) ELSE '{}' END
        || CASE WHEN 'chiefs' = ANY (known)
            THEN coalesce(CASE WHEN c.own THEN s.n END, array_fill(0, ARRAY[12])) ELSE '{}' END
    FROM cells AS c
    LEFT JOIN o ON o.cell = c.cell LEFT JOIN f ON f.cell = c.cell LEFT JOIN s ON s.cell = c.cell
    WHERE c.own OR o.cell IS NOT NULL;
END
$$;
