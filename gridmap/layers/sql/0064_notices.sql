-- What is to be told waits in the outbox, written in the transaction of what happened: what was
-- done is told, what was rolled back is not. The key says what it is about: nothing waits twice.

-- Deeds, from the journal; whom they concern, if anybody, is known to gridmap.layers.hearers.
CREATE FUNCTION gridmap_put_out_deeds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO layers_outbox (key, verb, subject_kind, subject_id, entry, at, tries, stuck)
    SELECT 'entry ' || f.id, f.verb, f.subject_kind, f.subject_id, f.id, f.at, 0, false
    FROM fresh AS f
    WHERE f.subject_id IS NOT NULL
        AND f.subject_kind IN ('incident', 'contest', 'plan', 'publication', 'chiefterm')
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER entry_goes_out AFTER INSERT ON layers_entry
REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION gridmap_put_out_deeds();

-- An incident that has come near its end or past it, whoever turned the light. Once for each due
-- time: one that was extended may come near its end again.
CREATE FUNCTION gridmap_put_out_lights() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO layers_outbox (key, verb, subject_kind, subject_id, at, tries, stuck)
    SELECT 'light ' || n.id || ' ' || n.light || ' ' || extract(epoch FROM n.due)::bigint,
        CASE n.light WHEN 2 THEN 'soon' ELSE 'late' END, 'incident', n.id, now(), 0, false
    FROM changed AS n INNER JOIN former AS o ON o.id = n.id
    WHERE n.light IN (2, 3) AND o.light <> n.light AND n.due IS NOT NULL
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER incident_light_goes_out AFTER UPDATE ON layers_incident
REFERENCING OLD TABLE AS former NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION gridmap_put_out_lights();

-- The same of the step it is in, where that has a limit of its own.
CREATE FUNCTION gridmap_put_out_step_lights() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO layers_outbox (key, verb, subject_kind, subject_id, at, tries, stuck)
    SELECT 'step ' || n.id || ' ' || n.light || ' ' || extract(epoch FROM n.due)::bigint,
        CASE n.light WHEN 2 THEN 'step_soon' ELSE 'step_late' END, 'incident', n.incident_id,
        now(), 0, false
    FROM changed AS n
    INNER JOIN former AS o ON o.id = n.id
    INNER JOIN layers_incident AS i ON i.id = n.incident_id
    WHERE n.light IN (2, 3) AND o.light <> n.light AND n.ends IS NULL
        AND n.due IS NOT NULL AND n.due IS DISTINCT FROM i.due
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER step_light_goes_out AFTER UPDATE ON layers_step
REFERENCING OLD TABLE AS former NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION gridmap_put_out_step_lights();

-- A joint task begins, and ends in a ruling; its departments meet on the spot.
CREATE FUNCTION gridmap_put_out_joint_tasks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO layers_outbox (key, verb, subject_kind, subject_id, at, tries, stuck)
    SELECT CASE WHEN n.ruling_id IS NULL THEN 'joint ' ELSE 'ruled ' END || n.id,
        CASE WHEN n.ruling_id IS NULL THEN 'joint_task' ELSE 'rule' END, 'incident',
        n.incident_id, now(), 0, false
    FROM changed AS n
    WHERE (n.settled_at IS NULL) = (n.ruling_id IS NULL)
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER jointtask_goes_out AFTER INSERT ON layers_jointtask
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION gridmap_put_out_joint_tasks();
CREATE TRIGGER jointtask_ruling_goes_out AFTER UPDATE ON layers_jointtask
REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION gridmap_put_out_joint_tasks();
