-- The life of incidents: the ways there are, the steps that were taken, and what follows the clock.

-- Every legal way, as gridmap.layers.life_cycle has it; parked: also while the clock stands still.
CREATE TABLE gridmap_transition (
    verb text NOT NULL,
    from_state text NOT NULL,
    to_state text NOT NULL,
    parked boolean NOT NULL,
    PRIMARY KEY (verb, from_state, to_state)
);
INSERT INTO gridmap_transition (verb, from_state, to_state, parked) VALUES
('report', '', 'reported', false),
('verify', 'reported', 'reported', false),
('file', 'reported', 'filed', false),
('decline', 'reported', 'void', false),
('settle', 'reported', 'answered', false),
('dispatch', 'filed', 'dispatched', false),
('accept', 'dispatched', 'handling', false),
('reach', 'handling', 'handling', false),
('answer', 'handling', 'answered', false),
('contribute', 'dispatched', 'dispatched', false),
('contribute', 'handling', 'handling', false),
('send', 'answered', 'inspecting', false),
('inspect', 'inspecting', 'inspecting', false),
('close', 'inspecting', 'closed', false),
('rework', 'answered', 'dispatched', false),
('rework', 'inspecting', 'dispatched', false),
('redispatch', 'dispatched', 'dispatched', false),
('redispatch', 'handling', 'dispatched', false),
('redispatch', 'answered', 'dispatched', false),
('redispatch', 'inspecting', 'dispatched', false),
('reopen', 'closed', 'filed', false),
('ask_extension', 'dispatched', 'dispatched', false),
('ask_extension', 'handling', 'handling', false),
('ask_park', 'dispatched', 'dispatched', false),
('ask_park', 'handling', 'handling', false),
('ask_return', 'dispatched', 'dispatched', false),
('ask_return', 'handling', 'handling', false),
('ask_void', 'filed', 'filed', true),
('ask_void', 'dispatched', 'dispatched', true),
('ask_void', 'handling', 'handling', true),
('ask_void', 'answered', 'answered', true),
('ask_void', 'inspecting', 'inspecting', true),
('extend', 'dispatched', 'dispatched', false),
('extend', 'handling', 'handling', false),
('park', 'dispatched', 'dispatched', false),
('park', 'handling', 'handling', false),
('return', 'dispatched', 'filed', false),
('return', 'handling', 'filed', false),
('void', 'filed', 'void', true),
('void', 'dispatched', 'void', true),
('void', 'handling', 'void', true),
('void', 'answered', 'void', true),
('void', 'inspecting', 'void', true),
('deny', 'filed', 'filed', true),
('deny', 'dispatched', 'dispatched', true),
('deny', 'handling', 'handling', true),
('deny', 'answered', 'answered', true),
('deny', 'inspecting', 'inspecting', true),
('resume', 'dispatched', 'dispatched', true),
('resume', 'handling', 'handling', true),
('supervise', 'filed', 'filed', true),
('supervise', 'dispatched', 'dispatched', true),
('supervise', 'handling', 'handling', true),
('supervise', 'answered', 'answered', true),
('supervise', 'inspecting', 'inspecting', true),
('reply', 'filed', 'filed', true),
('reply', 'dispatched', 'dispatched', true),
('reply', 'handling', 'handling', true),
('reply', 'answered', 'answered', true),
('reply', 'inspecting', 'inspecting', true),
('evaluate', 'closed', 'closed', false);

-- A step follows the one before it: numbered, without a gap, by a legal way. What the way needs is
-- looked up at the incident: filed is what was verified, closed what was inspected.
CREATE FUNCTION gridmap_take_step() RETURNS trigger LANGUAGE plpgsql AS $$
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
    IF prior.ends IS NULL THEN
        UPDATE layers_step AS s SET ends = new.begins WHERE s.id = prior.id;
    END IF;
    RETURN new;
END
$$;
-- What happened stays: a step may end and be timed, nothing else; it goes with its incident only.
CREATE FUNCTION gridmap_keep_step() RETURNS trigger LANGUAGE plpgsql AS $$
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
        OR (old.ends IS NOT NULL AND (new.ends, new.due) IS DISTINCT FROM (old.ends, old.due)) THEN
        PERFORM gridmap_refuse('step_is_kept', old.id::text, 0);
    END IF;
    new.light := CASE WHEN new.ends IS NULL
        THEN gridmap_light(new.state, new.paused, new.soon_at, new.due, now()) ELSE 0 END;
    RETURN new;
END
$$;
CREATE TRIGGER step_is_kept BEFORE UPDATE OR DELETE ON layers_step
FOR EACH ROW EXECUTE FUNCTION gridmap_keep_step();

-- At commit the incident is where its last step says.
CREATE FUNCTION gridmap_check_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM layers_incident AS i
        INNER JOIN layers_step AS s ON s.incident_id = i.id AND s.ends IS NULL
        WHERE i.id = new.incident_id AND (s.state, s.paused) <> (i.state, i.parked)
    ) THEN PERFORM gridmap_refuse('step_and_incident_agree', new.incident_id::text, 0); END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER step_and_incident_agree AFTER INSERT ON layers_step
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (new.ends IS null)
EXECUTE FUNCTION gridmap_check_step();

-- The state of an incident moves with its steps, for whoever writes.
CREATE FUNCTION gridmap_follow_steps() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM layers_step AS s WHERE s.incident_id = new.id AND s.ends IS NULL
            AND s.state = new.state AND s.paused = new.parked
    ) THEN PERFORM gridmap_refuse('incident_follows_its_steps', new.number, 0); END IF;
    RETURN new;
END
$$;
CREATE TRIGGER incident_follows_its_steps BEFORE UPDATE ON layers_incident
FOR EACH ROW WHEN (old.state <> new.state OR old.parked <> new.parked)
EXECUTE FUNCTION gridmap_follow_steps();

-- The steps of incidents that come with a state of their own: reported, filed where that is known,
-- then taken over as they are. Who brings the steps along says so: gridmap.own_steps.
CREATE FUNCTION gridmap_first_steps(incidents bigint[]) RETURNS void LANGUAGE plpgsql AS $$
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
        department_id, why, detail, begins, ends, entered, soon_at, due, light)
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
        END
    FROM chain AS c INNER JOIN layers_incident AS i ON i.id = c.id
    ORDER BY c.id, c.number;
END
$$;
CREATE FUNCTION gridmap_incidents_begin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('gridmap.own_steps', true) IS DISTINCT FROM '1' THEN
        PERFORM gridmap_first_steps(array(SELECT n.id FROM changed AS n));
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER incident_begins AFTER INSERT ON layers_incident
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_incidents_begin();

CREATE FUNCTION gridmap_incidents_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM layers_step AS s USING removed AS o WHERE s.incident_id = o.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER incident_takes_its_steps_along AFTER DELETE ON layers_incident
REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_incidents_end();

CREATE FUNCTION gridmap_light_deadline() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE stands boolean := (SELECT i.parked FROM layers_incident AS i WHERE i.id = new.incident_id);
BEGIN
    new.light := CASE WHEN new.met_at IS NULL
        THEN gridmap_light('filed', stands, new.soon_at, new.due, now()) ELSE 0 END;
    RETURN new;
END
$$;
CREATE TRIGGER deadline_lit BEFORE INSERT OR UPDATE ON layers_deadline
FOR EACH ROW EXECUTE FUNCTION gridmap_light_deadline();

-- Turns the lights of steps and milestones; whoever shows such an incident is told. Called by the
-- timekeeper beside gridmap_sweep(); safe to call twice, safe after a pause of any length.
CREATE FUNCTION gridmap_sweep_cases() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT pg_try_advisory_xact_lock(74205) THEN RETURN; END IF;
    WITH steps AS (
        UPDATE layers_step AS s SET light = s.light
        WHERE s.ends IS NULL
            AND ((s.light IN (1, 2) AND s.due <= now()) OR (s.light = 1 AND s.soon_at <= now()))
        RETURNING s.incident_id
    ),
    deadlines AS (
        UPDATE layers_deadline AS d SET light = d.light
        WHERE d.met_at IS NULL
            AND ((d.light IN (1, 2) AND d.due <= now()) OR (d.light = 1 AND d.soon_at <= now()))
        RETURNING d.incident_id
    )
    INSERT INTO layers_delta (cell_id, city_id, open, soon, late, parked, recount, incidents)
    SELECT i.cell_id, i.city_id, 0, 0, 0, 0, false, array_agg(i.id)
    FROM layers_incident AS i
    WHERE i.light <> 0 AND i.id IN (
        SELECT s.incident_id FROM steps AS s UNION SELECT d.incident_id FROM deadlines AS d
    )
    GROUP BY i.cell_id, i.city_id;
END
$$;

-- The catalogue: one department for a category and an area at a time, and nothing rewritten.
ALTER TABLE layers_authority ADD CONSTRAINT authority_one_department EXCLUDE USING gist (
    category_id WITH =,
    coalesce(subdistrict_id, 0) WITH =,
    coalesce(community_id, 0) WITH =,
    valid WITH &&
);

-- A row that has begun may be ended and nothing else (argument: the rule).
CREATE FUNCTION gridmap_keep_dated() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF lower(old.valid) > now() THEN RETURN CASE tg_op WHEN 'DELETE' THEN old ELSE new END; END IF;
    IF tg_op = 'DELETE' OR lower(new.valid) IS DISTINCT FROM lower(old.valid)
        OR to_jsonb(new) - 'valid' <> to_jsonb(old) - 'valid' THEN
        PERFORM gridmap_refuse(tg_argv[0], old.id::text, 0);
    END IF;
    RETURN new;
END
$$;
DO $$
DECLARE thing text;
BEGIN
    FOREACH thing IN ARRAY ARRAY['standard', 'steplimit', 'authority', 'ruling'] LOOP
        EXECUTE format('CREATE TRIGGER %1$s_is_kept BEFORE UPDATE OR DELETE ON layers_%1$s '
            'FOR EACH ROW EXECUTE FUNCTION gridmap_keep_dated(''%1$s_is_kept'')', thing);
    END LOOP;
END
$$;

-- The milestones of a standard come with it, in one transaction, or before it begins.
CREATE FUNCTION gridmap_keep_milestone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM layers_standard AS s
        WHERE s.id = CASE tg_op WHEN 'INSERT' THEN new.standard_id ELSE old.standard_id END
            AND s.added_at <> now() AND lower(s.valid) <= now()
    ) THEN PERFORM gridmap_refuse('milestone_is_kept', coalesce(new.name, old.name), 0); END IF;
    RETURN CASE tg_op WHEN 'DELETE' THEN old ELSE new END;
END
$$;
CREATE TRIGGER milestone_is_kept BEFORE INSERT OR UPDATE OR DELETE ON layers_milestone
FOR EACH ROW EXECUTE FUNCTION gridmap_keep_milestone();

-- Two rulings in force at one time about one category share no ground.
CREATE FUNCTION gridmap_check_rulings() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad record;
BEGIN
    PERFORM pg_advisory_xact_lock(74206);
    WITH pair AS MATERIALIZED (
        SELECT n.id, n.geom AS one, o.geom AS other
        FROM changed AS n
        INNER JOIN layers_ruling AS o ON o.category_id = n.category_id AND o.id <> n.id
            AND o.valid && n.valid AND o.geom && n.geom
    )
    SELECT p.id, gridmap_shared_m2(p.one, p.other) AS m2 INTO bad FROM pair AS p
    WHERE gridmap_shared_m2(p.one, p.other) > gridmap_tolerance_m2() LIMIT 1;
    IF FOUND THEN PERFORM gridmap_refuse('ruling_overlap', bad.id::text, bad.m2); END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER ruling_overlap_inserted AFTER INSERT ON layers_ruling
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_check_rulings();
CREATE TRIGGER ruling_overlap_updated AFTER UPDATE ON layers_ruling
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_check_rulings();

-- What these rows refer to belongs to one city.
DO $$
DECLARE item record;
BEGIN
    FOR item IN SELECT * FROM (VALUES
        ('authority', 'category_id, layers_category, department_id, layers_department, subdistrict_id, '
            'layers_subdistrict, community_id, gridmap_city_of_community'),
        ('assignment', 'incident_id, layers_incident, department_id, layers_department'),
        ('ruling', 'city_id, city, category_id, layers_category, department_id, layers_department')
    ) AS t (thing, arguments) LOOP
        EXECUTE format(
            'CREATE TRIGGER %1$s_one_city_inserted AFTER INSERT ON layers_%1$s REFERENCING NEW TABLE AS changed '
            'FOR EACH STATEMENT EXECUTE FUNCTION gridmap_check_one_city(%2$s)', item.thing, item.arguments);
        EXECUTE format(
            'CREATE TRIGGER %1$s_one_city_updated AFTER UPDATE ON layers_%1$s REFERENCING NEW TABLE AS changed '
            'FOR EACH STATEMENT EXECUTE FUNCTION gridmap_check_one_city(%2$s)', item.thing, item.arguments);
    END LOOP;
END
$$;

-- Incidents that were there before; from here on every step is looked at.
SELECT gridmap_first_steps(array(SELECT i.id FROM layers_incident AS i));
CREATE TRIGGER step_taken BEFORE INSERT ON layers_step
FOR EACH ROW EXECUTE FUNCTION gridmap_take_step();

-- What the steps of earlier incidents left to be checked is checked now: a table that waits for
-- checks gets no index.
SET CONSTRAINTS ALL IMMEDIATE;
