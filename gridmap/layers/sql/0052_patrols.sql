-- Intervals out of rules and emphases; shifts that go one way; visits that were taken back.

-- Works the intervals of these places out anew: the shortest rule of what is emphasised there, else
-- the usual one, else 7 days for a stretch and 14 for an entrance.
CREATE FUNCTION gridmap_set_intervals(stretches bigint[], entrances bigint[]) RETURNS void
LANGUAGE sql AS $$
    UPDATE layers_stretch AS s SET interval_days = n.days
    FROM (
        SELECT p.id, coalesce(
            (
                SELECT min(r.days) FROM layers_emphasis AS e
                INNER JOIN layers_intervalrule AS r
                    ON r.city_id = p.city_id AND r.thing = 'stretch' AND r.kind = e.kind
                WHERE e.stretch_id = p.id
            ),
            (
                SELECT r.days FROM layers_intervalrule AS r
                WHERE r.city_id = p.city_id AND r.thing = 'stretch' AND r.kind = 'usual'
            ), 7) AS days
        FROM layers_stretch AS p WHERE p.id = ANY (stretches)
    ) AS n
    WHERE n.id = s.id AND s.interval_days <> n.days;
    UPDATE layers_entrance AS s SET interval_days = n.days
    FROM (
        SELECT p.id, coalesce(
            (
                SELECT min(r.days) FROM layers_emphasis AS e
                INNER JOIN layers_intervalrule AS r
                    ON r.city_id = b.city_id AND r.thing = 'entrance' AND r.kind = e.kind
                WHERE e.entrance_id = p.id
            ),
            (
                SELECT r.days FROM layers_intervalrule AS r
                WHERE r.city_id = b.city_id AND r.thing = 'entrance' AND r.kind = 'usual'
            ), 14) AS days
        FROM layers_entrance AS p
        INNER JOIN layers_building AS b ON b.id = p.building_id
        WHERE p.id = ANY (entrances)
    ) AS n
    WHERE n.id = s.id AND s.interval_days <> n.days;
$$;

CREATE FUNCTION gridmap_emphases_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM gridmap_set_intervals(
        array(SELECT DISTINCT n.stretch_id FROM changed AS n WHERE n.stretch_id IS NOT NULL),
        array(SELECT DISTINCT n.entrance_id FROM changed AS n WHERE n.entrance_id IS NOT NULL));
    RETURN NULL;
END
$$;
CREATE TRIGGER emphasis_counts_inserted AFTER INSERT ON layers_emphasis
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_emphases_changed();
CREATE TRIGGER emphasis_counts_updated AFTER UPDATE ON layers_emphasis
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_emphases_changed();
CREATE TRIGGER emphasis_counts_deleted AFTER DELETE ON layers_emphasis
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_emphases_changed();

-- A rule of a kind concerns the places at which it is emphasised, the usual one all the others.
CREATE FUNCTION gridmap_rules_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM gridmap_set_intervals(
        array(
            SELECT s.id FROM layers_stretch AS s INNER JOIN changed AS r ON r.city_id = s.city_id
            WHERE r.thing = 'stretch' AND (r.kind = 'usual' OR EXISTS (
                SELECT FROM layers_emphasis AS e WHERE e.stretch_id = s.id AND e.kind = r.kind))
        ),
        array(
            SELECT s.id FROM layers_entrance AS s
            INNER JOIN layers_building AS b ON b.id = s.building_id
            INNER JOIN changed AS r ON r.city_id = b.city_id
            WHERE r.thing = 'entrance' AND (r.kind = 'usual' OR EXISTS (
                SELECT FROM layers_emphasis AS e WHERE e.entrance_id = s.id AND e.kind = r.kind))
        ));
    RETURN NULL;
END
$$;
CREATE TRIGGER intervalrule_counts_inserted AFTER INSERT ON layers_intervalrule
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_rules_changed();
CREATE TRIGGER intervalrule_counts_updated AFTER UPDATE ON layers_intervalrule
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_rules_changed();
CREATE TRIGGER intervalrule_counts_deleted AFTER DELETE ON layers_intervalrule
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_rules_changed();

-- A visit that was taken back does not come again with a retry of its sender.
CREATE FUNCTION gridmap_visit_not_withdrawn() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM changed AS n INNER JOIN layers_withdrawnvisit AS w ON w.client_id = n.client_id
    ) THEN
        RAISE EXCEPTION 'visit_not_withdrawn: this visit was taken back'
            USING ERRCODE = 'unique_violation', CONSTRAINT = 'visit_not_withdrawn';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER visit_not_withdrawn AFTER INSERT ON layers_visit
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_visit_not_withdrawn();

-- Shifts go one way; the same table as MOVES in gridmap/layers/shifts.py.
CREATE FUNCTION gridmap_shift_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM changed AS n INNER JOIN removed AS o ON o.id = n.id
        WHERE n.state <> o.state AND (o.state, n.state) NOT IN (
            ('scheduled', 'ready'), ('scheduled', 'active'), ('scheduled', 'cancelled'),
            ('ready', 'active'), ('ready', 'cancelled'), ('active', 'done'))
    ) THEN
        RAISE EXCEPTION 'shift_moves: a shift does not go that way'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'shift_moves';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER shift_moves AFTER UPDATE ON layers_shift
REFERENCING OLD TABLE AS removed NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION gridmap_shift_moves();

-- A shift walks the segments of its own team.
CREATE FUNCTION gridmap_segment_of_team() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM changed AS n
        INNER JOIN layers_shift AS s ON s.id = n.shift_id
        INNER JOIN layers_segment AS g ON g.id = n.segment_id
        WHERE s.team_id <> g.team_id
    ) THEN
        RAISE EXCEPTION 'shiftsegment_of_team: this segment is another team''s'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'shiftsegment_of_team';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER shiftsegment_of_team_inserted AFTER INSERT ON layers_shiftsegment
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_segment_of_team();
CREATE TRIGGER shiftsegment_of_team_updated AFTER UPDATE ON layers_shiftsegment
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_segment_of_team();
