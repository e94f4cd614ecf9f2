-- The journal cannot be changed unseen, and knows of every change of a published table: also of
-- those made with psql or QGIS, which no deed has told.

-- 1. What stands now is the first version of everything that was there before this migration.
DO $$
DECLARE history record;
BEGIN
    FOR history IN
        SELECT c.relname AS name, replace(c.relname, 'snapshot', '') AS of_table,
            string_agg(quote_ident(a.attname), ', ') AS columns
        FROM pg_class AS c INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE c.relname LIKE 'layers\_%snapshot' AND c.relkind = 'r'
            AND a.attname NOT LIKE 'pgh\_%' AND a.attname <> 'tx' AND NOT a.attisdropped
        GROUP BY c.relname
    LOOP
        EXECUTE format(
            'INSERT INTO %1$I (pgh_created_at, pgh_label, pgh_obj_id, %2$s) '
            'SELECT now(), ''insert'', id, %2$s FROM %3$I', history.name, history.columns, history.of_table);
    END LOOP;
END
$$;

-- 2. The chain: each entry is sealed together with the seal before it.
CREATE FUNCTION gridmap_seal(before_it text, e layers_entry) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(jsonb_build_array(
        before_it, e.id, to_char(e.at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US'), e.actor_id,
        e.verb, e.subject_kind, e.subject_id, e.city_id, e.community_id, e.cell_id,
        e.before, e.after, e.why, e.tx
    )::text, 'UTF8')), 'hex')
$$;

-- Whoever writes an entry waits for the one before it: 74201 is the lock of gridmap.layers.journal.
-- An id drawn before the lock was held, or chosen by hand, would break the order: it is drawn anew.
CREATE FUNCTION gridmap_seal_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last_id bigint; last_seal text;
BEGIN
    PERFORM pg_advisory_xact_lock(74201);
    SELECT e.id, e.seal INTO last_id, last_seal FROM layers_entry AS e ORDER BY e.id DESC LIMIT 1;
    WHILE new.id <= last_id LOOP
        new.id := nextval(pg_get_serial_sequence('layers_entry', 'id'));
    END LOOP;
    new.tx := pg_current_xact_id()::text::bigint;
    new.seal := gridmap_seal(coalesce(last_seal, ''), new);
    RETURN new;
END
$$;

-- The first entry from this one on (0: all) that is not as it was sealed; null when all are.
CREATE FUNCTION gridmap_broken_entry(since bigint) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT x.id FROM (
        SELECT e.id, e.seal, gridmap_seal(coalesce(lag(e.seal) OVER (ORDER BY e.id), ''), e) AS true_seal
        FROM layers_entry AS e
        WHERE e.id >= coalesce((SELECT max(p.id) FROM layers_entry AS p WHERE p.id < since), 0)
    ) AS x
    WHERE x.id >= since AND x.seal <> x.true_seal ORDER BY x.id LIMIT 1
$$;

ALTER TABLE layers_entry DISABLE TRIGGER entry_is_kept;
DO $$
DECLARE e layers_entry; last_seal text := '';
BEGIN
    FOR e IN SELECT * FROM layers_entry ORDER BY id LOOP
        last_seal := gridmap_seal(last_seal, e);
        UPDATE layers_entry SET seal = last_seal WHERE id = e.id;
    END LOOP;
END
$$;
ALTER TABLE layers_entry ENABLE TRIGGER entry_is_kept;
CREATE TRIGGER entry_sealed BEFORE INSERT ON layers_entry
FOR EACH ROW EXECUTE FUNCTION gridmap_seal_entry();

-- 3. Nothing that was told is untold: no update, no delete, no truncate.
CREATE FUNCTION gridmap_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM gridmap_refuse(tg_argv[0], tg_table_name, 0);
    RETURN NULL;
END
$$;
CREATE TRIGGER entry_is_not_emptied BEFORE TRUNCATE ON layers_entry
FOR EACH STATEMENT EXECUTE FUNCTION gridmap_keep('entry_is_kept');
CREATE TRIGGER journalseal_is_kept BEFORE UPDATE OR DELETE ON layers_journalseal
FOR EACH ROW EXECUTE FUNCTION gridmap_keep('journalseal_is_kept');
CREATE TRIGGER journalseal_is_not_emptied BEFORE TRUNCATE ON layers_journalseal
FOR EACH STATEMENT EXECUTE FUNCTION gridmap_keep('journalseal_is_kept');

-- 4. Changes that no deed has told are told at commit. One row a transaction and table, gone again
-- before the commit ends: the table is always empty for everybody else.
CREATE TABLE gridmap_edit (
    tx bigint NOT NULL,
    kind text NOT NULL,
    first_version bigint NOT NULL,
    PRIMARY KEY (tx, kind)
);

CREATE FUNCTION gridmap_note_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO gridmap_edit (tx, kind, first_version)
    SELECT pg_current_xact_id()::text::bigint, tg_argv[0], min(v.pgh_id)
    FROM added AS v HAVING count(*) > 0
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

-- City, community and cell of a row, as far as its columns lead there.
CREATE FUNCTION gridmap_where(kind text, id bigint, r jsonb)
RETURNS bigint[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    cell bigint := r ->> 'cell_id';
    community bigint := CASE kind WHEN 'community' THEN id ELSE (r ->> 'community_id')::bigint END;
    subdistrict bigint := CASE kind WHEN 'subdistrict' THEN id ELSE (r ->> 'subdistrict_id')::bigint END;
    city bigint := r ->> 'city_id';
BEGIN
    IF r ->> 'building_id' IS NOT NULL THEN
        SELECT b.cell_id, b.community_id, b.city_id INTO cell, community, city
        FROM layers_building AS b WHERE b.id = (r ->> 'building_id')::bigint;
    ELSIF kind <> 'building' AND r ->> 'lane_id' IS NOT NULL THEN
        SELECT l.community_id, l.city_id INTO community, city
        FROM layers_lane AS l WHERE l.id = (r ->> 'lane_id')::bigint;
    ELSIF kind <> 'building' AND city IS NULL AND r ->> 'street_id' IS NOT NULL THEN
        SELECT s.city_id INTO city FROM layers_street AS s WHERE s.id = (r ->> 'street_id')::bigint;
    ELSIF kind = 'membership' THEN
        SELECT t.community_id, t.city_id INTO community, city
        FROM layers_team AS t WHERE t.id = (r ->> 'team_id')::bigint;
    END IF;
    IF community IS NULL AND cell IS NOT NULL THEN
        SELECT c.community_id INTO community FROM layers_cell AS c WHERE c.id = cell;
    END IF;
    IF city IS NULL THEN
        SELECT s.city_id INTO city FROM layers_subdistrict AS s
        WHERE s.id = coalesce(subdistrict, (
            SELECT k.subdistrict_id FROM layers_community AS k WHERE k.id = community));
    END IF;
    RETURN ARRAY[city, community, cell];
END
$$;

-- A version without its machinery; of a shape only a mark, by which a change is seen.
CREATE FUNCTION gridmap_version(v jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(jsonb_object_agg(
        x.key, CASE WHEN x.value ? 'coordinates' THEN to_jsonb(left(md5(x.value::text), 8)) ELSE x.value END
    ), '{}')
    FROM jsonb_each(v) AS x WHERE x.key NOT LIKE 'pgh\_%' AND x.key NOT IN ('tx', 'id')
$$;

-- Of two objects the pairs of the first that the second does not hold just so.
CREATE FUNCTION gridmap_unlike(a jsonb, b jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(jsonb_object_agg(x.key, x.value), '{}')
    FROM jsonb_each(a) AS x WHERE b -> x.key IS DISTINCT FROM x.value
$$;

-- Fires at commit. More than 100 rows of one table make one entry that gives their number.
CREATE FUNCTION gridmap_tell_edit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE place bigint[]; version record; number bigint;
BEGIN
    IF current_setting('gridmap.checking', true) = '1' THEN RETURN NULL; END IF;
    DELETE FROM gridmap_edit AS x WHERE x.tx = new.tx AND x.kind = new.kind;
    IF NOT FOUND OR EXISTS (
        SELECT FROM layers_entry AS e WHERE e.tx = new.tx AND e.verb <> 'direct_edit'
    ) THEN RETURN NULL; END IF;
    EXECUTE format(
        'SELECT count(*) FROM layers_%1$ssnapshot AS v WHERE v.pgh_id >= $1 AND v.tx = $2', new.kind
    ) INTO number USING new.first_version, new.tx;
    FOR version IN EXECUTE format(
        'SELECT v.pgh_obj_id AS id, v.pgh_label AS label, gridmap_version(to_jsonb(v)) AS now,'
        ' coalesce(gridmap_version(before.row), ''{}'') AS before'
        ' FROM layers_%1$ssnapshot AS v LEFT JOIN LATERAL ('
        ' SELECT to_jsonb(p) AS row FROM layers_%1$ssnapshot AS p'
        ' WHERE p.pgh_obj_id = v.pgh_obj_id AND p.pgh_id < v.pgh_id ORDER BY p.pgh_id DESC LIMIT 1'
        ') AS before ON v.pgh_label = ''update'''
        ' WHERE v.pgh_id >= $1 AND v.tx = $2 ORDER BY v.pgh_id LIMIT $3', new.kind
    ) USING new.first_version, new.tx, CASE WHEN number > 100 THEN 1 ELSE 100 END LOOP
        place := gridmap_where(new.kind, version.id, version.now);
        INSERT INTO layers_entry
        (at, verb, subject_kind, subject_id, city_id, community_id, cell_id, before, after, why)
        SELECT clock_timestamp(), 'direct_edit', new.kind,
            CASE WHEN number <= 100 THEN version.id END, place[1],
            CASE WHEN number <= 100 THEN place[2] END, CASE WHEN number <= 100 THEN place[3] END,
            CASE
                WHEN number > 100 THEN '{}'
                WHEN version.label = 'delete' THEN version.now
                ELSE gridmap_unlike(version.before, version.now)
            END,
            jsonb_build_object('database_user', session_user, 'operation', version.label) || CASE
                WHEN number > 100 THEN jsonb_build_object('rows', number)
                WHEN version.label = 'delete' THEN '{}'
                ELSE gridmap_unlike(version.now, version.before)
            END, '';
    END LOOP;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER edit_told AFTER INSERT OR UPDATE ON gridmap_edit
DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION gridmap_tell_edit();

-- Asks now what is otherwise asked at commit; a deed still at work is not taken for an edit.
CREATE FUNCTION gridmap_check_now() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('gridmap.checking', '1', true);
    SET CONSTRAINTS ALL IMMEDIATE;
    SET CONSTRAINTS ALL DEFERRED;
    PERFORM set_config('gridmap.checking', '', true);
    UPDATE gridmap_edit AS x SET tx = x.tx WHERE x.tx = pg_current_xact_id()::text::bigint;
END
$$;

-- Called for each table of versions; a later one is followed by calling it again.
CREATE FUNCTION gridmap_follow_versions(kind text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format(
        'CREATE TRIGGER %1$s_edit_noted AFTER INSERT ON layers_%1$ssnapshot REFERENCING NEW TABLE AS added '
        'FOR EACH STATEMENT EXECUTE FUNCTION gridmap_note_edit(%1$L)', kind);
    EXECUTE format(
        'CREATE TRIGGER %1$s_version_is_kept BEFORE UPDATE OR DELETE ON layers_%1$ssnapshot '
        'FOR EACH ROW EXECUTE FUNCTION gridmap_keep(''version_is_kept'')', kind);
    EXECUTE format(
        'CREATE TRIGGER %1$s_version_is_not_emptied BEFORE TRUNCATE ON layers_%1$ssnapshot '
        'FOR EACH STATEMENT EXECUTE FUNCTION gridmap_keep(''version_is_kept'')', kind);
END
$$;
DO $$
DECLARE name text;
BEGIN
    FOR name IN SELECT c.relname FROM pg_class AS c WHERE c.relname LIKE 'layers\_%snapshot' AND c.relkind = 'r' LOOP
        PERFORM gridmap_follow_versions(replace(replace(name, 'layers_', ''), 'snapshot', ''));
    END LOOP;
END
$$;

-- 5. The rights of a role that serves requests and owns nothing: it may write, but what was told it
-- can neither change nor empty, nor can it switch a trigger off.
CREATE FUNCTION gridmap_grant_application(application name) RETURNS void LANGUAGE plpgsql AS $$
DECLARE kept text;
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', application);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO %I', application);
    EXECUTE format('REVOKE TRUNCATE, REFERENCES, TRIGGER ON ALL TABLES IN SCHEMA public FROM %I', application);
    EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO %I', application);
    FOR kept IN
        SELECT c.relname FROM pg_class AS c WHERE c.relkind = 'r' AND (
            c.relname IN ('layers_entry', 'layers_journalseal', 'layers_opening')
            OR c.relname LIKE 'layers\_%snapshot')
    LOOP
        EXECUTE format('REVOKE UPDATE, DELETE ON %I FROM %I', kept, application);
    END LOOP;
END
$$;
