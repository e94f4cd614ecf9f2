-- Two reports of one matter are one case: the one that leads to the other ends as joined, and goes
-- on from where it stood when they are parted (gridmap.layers.life_cycle; docs/decisions/0096).
INSERT INTO gridmap_transition (verb, from_state, to_state, parked) VALUES
('link_twin', 'reported', 'void', true),
('link_twin', 'filed', 'void', true),
('link_twin', 'dispatched', 'void', true),
('link_twin', 'handling', 'void', true),
('link_twin', 'answered', 'void', true),
('link_twin', 'inspecting', 'void', true),
('unlink_twin', 'void', 'reported', true),
('unlink_twin', 'void', 'filed', true),
('unlink_twin', 'void', 'dispatched', true),
('unlink_twin', 'void', 'handling', true),
('unlink_twin', 'void', 'answered', true),
('unlink_twin', 'void', 'inspecting', true);

-- As in 0094, and: what was joined comes back to where it stood, as if it had never left.
CREATE OR REPLACE FUNCTION gridmap_take_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    prior layers_step;
    stood layers_step;
    way gridmap_transition;
    place text := new.incident_id || ' ' || new.verb;
BEGIN
    -- The first steps of an incident are written by its own trigger, as they are known.
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
    IF new.verb = 'unlink_twin' THEN
        IF prior.verb <> 'link_twin' OR prior.came_from <> new.state THEN
            PERFORM gridmap_refuse('step_parts_what_was_joined', place, 0);
        END IF;
        SELECT s.* INTO stood FROM layers_step AS s
        WHERE s.incident_id = new.incident_id AND s.number = prior.number - 1;
    END IF;
    new.paused := CASE
        WHEN new.verb = 'park' THEN true
        WHEN new.verb = 'resume' OR new.came_from <> new.state THEN false
        ELSE coalesce(prior.paused, false)
    END;
    new.entered := CASE
        WHEN new.verb = 'unlink_twin' THEN stood.entered
        WHEN new.came_from = new.state THEN prior.entered
        ELSE new.begins
    END;
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

-- At commit: what leads to another case has ended, and what ended as joined leads to another.
CREATE FUNCTION gridmap_check_joined() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE which bigint := CASE tg_op WHEN 'DELETE' THEN old.incident_id ELSE new.incident_id END;
BEGIN
    IF EXISTS (
        SELECT FROM layers_incident AS i
        INNER JOIN layers_step AS s ON s.incident_id = i.id AND s.ends IS NULL
        WHERE i.id = which AND CASE
            WHEN EXISTS (SELECT FROM layers_twin AS t WHERE t.incident_id = i.id)
                THEN s.state NOT IN ('closed', 'void')
            ELSE s.verb = 'link_twin'
        END
    ) THEN PERFORM gridmap_refuse('joined_case_has_ended', which::text, 0); END IF;
    RETURN NULL;
END
$$;

-- Reports that were joined before: they end now.
INSERT INTO layers_step (
    incident_id, number, verb, came_from, state, paused, role, why, detail, begins, entered, light
)
SELECT
    i.id AS incident_id, s.number + 1 AS number, 'link_twin' AS verb, i.state AS came_from,
    'void' AS state, false AS paused, '' AS role, '' AS why,
    jsonb_build_object('original', o.number) AS detail, now() AS begins, now() AS entered,
    0 AS light
FROM layers_twin AS t
INNER JOIN layers_incident AS i ON t.incident_id = i.id
INNER JOIN layers_incident AS o ON t.original_id = o.id
INNER JOIN layers_step AS s ON t.incident_id = s.incident_id
WHERE i.light <> 0 AND s.ends IS null;
UPDATE layers_incident AS i SET state = 'void', parked = false, closed_at = now()
FROM layers_step AS s
WHERE s.incident_id = i.id AND s.ends IS null AND s.verb = 'link_twin';
UPDATE layers_assignment AS a SET until = now()
FROM layers_step AS s
WHERE s.incident_id = a.incident_id AND s.ends IS null AND s.verb = 'link_twin' AND a.until IS null;
SET CONSTRAINTS ALL IMMEDIATE;

CREATE CONSTRAINT TRIGGER joined_case_has_ended_step AFTER INSERT ON layers_step
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
WHEN (new.verb IN ('link_twin', 'unlink_twin', 'reopen'))
EXECUTE FUNCTION gridmap_check_joined();
CREATE CONSTRAINT TRIGGER joined_case_has_ended_twin AFTER INSERT OR DELETE ON layers_twin
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION gridmap_check_joined();
