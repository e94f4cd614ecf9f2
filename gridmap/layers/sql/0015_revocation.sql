-- Whoever loses or gains a post is told from the next request on: every ticket issued before is
-- void, and open streams end. Servers hear of it on the channel they listen to; one that was away
-- reads gridmap_revoked when it is back. There is no clock to agree on: a ticket bears the number
-- that stood here when it was issued.
CREATE FUNCTION gridmap_revoke(users bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- In the order of their ids, so that two who revoke the same users wait and do not deadlock.
    INSERT INTO gridmap_revoked AS r (user_id, number, at)
    SELECT u.u, 1, clock_timestamp() FROM (
        SELECT DISTINCT n.n AS u FROM unnest(users) AS n (n) WHERE n.n IS NOT NULL
    ) AS u ORDER BY u.u
    ON CONFLICT (user_id) DO UPDATE SET number = r.number + 1, at = excluded.at;
    IF FOUND THEN PERFORM pg_notify('gridmap', 'revoked'); END IF;
END
$$;

-- Users whose posts these rows give them. Argument: the column of the row, and that of the posting.
CREATE FUNCTION gridmap_revoke_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched bigint[];
    more bigint[];
BEGIN
    IF tg_op <> 'DELETE' THEN
        EXECUTE format('SELECT array_agg(DISTINCT n.%I) FROM changed AS n', tg_argv[0]) INTO touched;
    END IF;
    IF tg_op <> 'INSERT' THEN
        EXECUTE format('SELECT array_agg(DISTINCT o.%I) FROM removed AS o', tg_argv[0]) INTO more;
    END IF;
    touched := touched || more;
    IF tg_argv[1] <> 'user_id' THEN
        EXECUTE format(
            'SELECT array_agg(DISTINCT p.user_id) FROM layers_posting AS p WHERE p.%I = ANY ($1)', tg_argv[1]
        ) INTO touched USING touched;
    END IF;
    PERFORM gridmap_revoke(touched);
    RETURN NULL;
END
$$;

DO $$
DECLARE item record;
BEGIN
    FOR item IN SELECT * FROM (VALUES
        ('posting', 'user_id', 'user_id'), ('chiefterm', 'person_id', 'person_id'),
        ('teamarea', 'team_id', 'team_id')
    ) AS t (source, own, posted) LOOP
        EXECUTE format(
            'CREATE TRIGGER %1$s_revokes_inserted AFTER INSERT ON layers_%1$s REFERENCING NEW TABLE AS changed '
            'FOR EACH STATEMENT EXECUTE FUNCTION gridmap_revoke_changed(%2$L, %3$L)',
            item.source, item.own, item.posted);
        EXECUTE format(
            'CREATE TRIGGER %1$s_revokes_updated AFTER UPDATE ON layers_%1$s REFERENCING OLD TABLE AS removed '
            'NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_revoke_changed(%2$L, %3$L)',
            item.source, item.own, item.posted);
        EXECUTE format(
            'CREATE TRIGGER %1$s_revokes_deleted AFTER DELETE ON layers_%1$s REFERENCING OLD TABLE AS removed '
            'FOR EACH STATEMENT EXECUTE FUNCTION gridmap_revoke_changed(%2$L, %3$L)',
            item.source, item.own, item.posted);
    END LOOP;
END
$$;

-- A community handed to another subdistrict changes hands between those posted to the two.
CREATE FUNCTION gridmap_revoke_handed_over() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM gridmap_revoke(array(
        SELECT p.user_id
        FROM removed AS o INNER JOIN changed AS n ON n.id = o.id
        INNER JOIN layers_posting AS p ON p.subdistrict_id IN (o.subdistrict_id, n.subdistrict_id)
        WHERE n.subdistrict_id <> o.subdistrict_id
    ));
    RETURN NULL;
END
$$;
CREATE TRIGGER community_revokes AFTER UPDATE ON layers_community
REFERENCING OLD TABLE AS removed NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION gridmap_revoke_handed_over();

-- An account switched on or off, and a new password: what ends the sessions ends the tickets too.
CREATE FUNCTION gridmap_revoke_accounts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM gridmap_revoke(array(
        SELECT n.id FROM removed AS o INNER JOIN changed AS n ON n.id = o.id
        WHERE (n.is_active, n.password) IS DISTINCT FROM (o.is_active, o.password)
    ));
    RETURN NULL;
END
$$;
CREATE TRIGGER account_revokes AFTER UPDATE ON auth_user
REFERENCING OLD TABLE AS removed NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION gridmap_revoke_accounts();
