-- What the two of a handover saw is kept as they saw it; so are receipts and the nightly checks.

-- The box around a shape in which a place may still be answered for by it (lanes reach 30 m,
-- streets 60 m), in degrees.
CREATE FUNCTION gridmap_reach(shape geometry) RETURNS geometry
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ST_Expand(shape, 61 / (111320 * greatest(cosd(ST_YMax(shape)), 0.01)), 61 / 110574.0)
$$;

-- Takes the name of the table's rule; the only column that may change is the term of a receipt,
-- when a term that had not begun is taken back.
CREATE FUNCTION gridmap_keep_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM gridmap_refuse(tg_argv[0], old.id::text, 0);
    RETURN NULL;
END
$$;
CREATE TRIGGER handover_is_kept BEFORE UPDATE OR DELETE ON layers_handover
FOR EACH ROW EXECUTE FUNCTION gridmap_keep_row('handover_is_kept');
CREATE TRIGGER receipt_is_kept BEFORE DELETE ON layers_receipt
FOR EACH ROW EXECUTE FUNCTION gridmap_keep_row('receipt_is_kept');
CREATE TRIGGER receipt_wish_is_kept BEFORE UPDATE OF client_id, verb, wish, at ON layers_receipt
FOR EACH ROW EXECUTE FUNCTION gridmap_keep_row('receipt_is_kept');

-- Terms with the city they belong to and the object they are about, whichever kind it is.
CREATE VIEW gridmap_office_term AS
SELECT
    t.id, t.office, t.standing, t.reason, t.valid, t.person_id, t.cell_id, p.city_id,
    coalesce(t.building_id, t.lane_id, t.street_id, t.cell_id) AS object_id
FROM layers_chiefterm AS t INNER JOIN layers_person AS p ON p.id = t.person_id;

-- Every post of chiefs in a city (street, lane and building chiefs, cell heads and workers of the
-- cells in force) with its standing at a moment; near: what ends sooner than that expires.
-- since: when the substitute that runs began standing in, without a gap.
CREATE FUNCTION gridmap_posts(city bigint, moment timestamptz, near interval)
RETURNS TABLE (
    office text, id bigint, code text, title text, community bigint, cell bigint, class integer,
    held_until timestamptz, vacant_since timestamptz, substitute_since timestamptz, holders json
)
LANGUAGE sql STABLE AS $$
    WITH object AS (
        SELECT 'street' AS office, w.id, w.code::text AS code,
            coalesce(nullif(w.name, ''), w.code) AS title, NULL::bigint AS community,
            NULL::bigint AS cell
        FROM layers_street AS w WHERE w.city_id = gridmap_posts.city
        UNION ALL
        SELECT 'lane', l.id, l.code, coalesce(nullif(l.name, ''), l.code), l.community_id, NULL
        FROM layers_lane AS l WHERE l.city_id = gridmap_posts.city
        UNION ALL
        SELECT 'building', b.id, b.code,
            coalesce(nullif(b.name, ''), nullif(b.address, ''), b.code), b.community_id, b.cell_id
        FROM layers_building AS b WHERE b.city_id = gridmap_posts.city
        UNION ALL
        SELECT o.office, e.cell_id, e.code, e.name, c.community_id, c.id
        FROM layers_celledition AS e
        INNER JOIN layers_cell AS c ON c.id = e.cell_id
        INNER JOIN gridmap_city_of_community AS k ON k.id = c.community_id
        CROSS JOIN (VALUES ('cell_head'), ('cell_worker')) AS o (office)
        WHERE k.city_id = gridmap_posts.city AND e.valid @> gridmap_posts.moment
    ), held AS (
        SELECT t.office, coalesce(t.building_id, t.lane_id, t.street_id, t.cell_id) AS id,
            bool_or(t.standing = 'substitute' AND t.valid @> gridmap_posts.moment) AS substitute,
            gridmap_held_until(
                range_agg(t.valid) FILTER (WHERE t.standing = 'acting'), gridmap_posts.moment
            ) AS ends,
            max(upper(t.valid)) FILTER (WHERE upper(t.valid) <= gridmap_posts.moment) AS ended,
            range_agg(t.valid) FILTER (WHERE t.standing = 'substitute') AS stood_in,
            json_agg(json_build_object(
                'term', t.id, 'person', p.id, 'name', p.name, 'standing', t.standing,
                'since', lower(t.valid), 'until', upper(t.valid), 'reason', t.reason
            ) ORDER BY t.standing DESC)
            FILTER (WHERE t.valid @> gridmap_posts.moment) AS holders
        FROM layers_chiefterm AS t
        INNER JOIN layers_person AS p ON p.id = t.person_id AND p.city_id = gridmap_posts.city
        GROUP BY 1, 2
    )
    SELECT o.office, o.id, o.code, o.title, o.community, o.cell,
        CASE
            WHEN h.substitute THEN 2
            WHEN h.ends IS NULL THEN 4
            WHEN h.ends[1] <= gridmap_posts.moment + gridmap_posts.near THEN 3
            ELSE 1
        END,
        h.ends[1],
        CASE WHEN h.ends IS NULL AND NOT coalesce(h.substitute, false) THEN h.ended END,
        CASE WHEN h.substitute THEN (
            SELECT lower(r.run) FROM unnest(h.stood_in) AS r (run)
            WHERE r.run @> gridmap_posts.moment
        ) END,
        coalesce(h.holders, '[]')
    FROM object AS o LEFT JOIN held AS h ON h.office = o.office AND h.id = o.id
$$;
