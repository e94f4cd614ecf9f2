-- What the signs given would show at a moment, by part: who, where, which line, which outline. A
-- sign is stale when this differs from what it showed when it was printed.
--
-- Who answers in an office is the substitute before whom he or she stands in for. Each is one look
-- into an index, written out: as functions, or joined, thousands of signs took fifty times as long.
CREATE FUNCTION gridmap_sign_shows(signs bigint[], moment timestamptz)
RETURNS TABLE (sign bigint, shows jsonb)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT s.id, jsonb_strip_nulls(jsonb_build_object(
        'name', coalesce(
            nullif(b.address, ''), nullif(b.name, ''), b.code, nullif(l.name, ''), l.code, e.name),
        'outline', md5(ST_AsBinary(coalesce(b.geom, l.centreline))),
        'belongs', coalesce(b.lane_id, l.street_id)::text || '/' || coalesce(b.street_id, 0)::text,
        'cell', e.code || ' ' || e.name,
        'boundary', md5(ST_AsBinary(e.geom)),
        'community', k.name, 'subdistrict', d.name, 'city', y.name, 'approval', y.approval,
        'line', h.phone || ' ' || h.hours,
        'building', (
            SELECT p.name || CASE t.standing WHEN 'substitute' THEN '（代）' ELSE '' END
            FROM layers_chiefterm AS t INNER JOIN layers_person AS p ON p.id = t.person_id
            WHERE t.building_id = s.building_id AND t.valid @> moment
            ORDER BY t.standing DESC LIMIT 1
        ),
        'lane', w.name || ' ' || coalesce((
            SELECT p.name || CASE t.standing WHEN 'substitute' THEN '（代）' ELSE '' END
            FROM layers_chiefterm AS t INNER JOIN layers_person AS p ON p.id = t.person_id
            WHERE t.lane_id = w.id AND t.valid @> moment
            ORDER BY t.standing DESC LIMIT 1
        ), ''),
        'street', r.name || ' ' || coalesce((
            SELECT p.name || CASE t.standing WHEN 'substitute' THEN '（代）' ELSE '' END
            FROM layers_chiefterm AS t INNER JOIN layers_person AS p ON p.id = t.person_id
            WHERE t.street_id = r.id AND t.valid @> moment
            ORDER BY t.standing DESC LIMIT 1
        ), ''),
        'cell_worker', (
            SELECT p.name || CASE t.standing WHEN 'substitute' THEN '（代）' ELSE '' END
            FROM layers_chiefterm AS t INNER JOIN layers_person AS p ON p.id = t.person_id
            WHERE t.cell_id = e.cell_id AND t.valid @> moment
                AND t.office = 'cell_worker'
            ORDER BY t.standing DESC LIMIT 1
        ),
        'cell_head', (
            SELECT p.name || CASE t.standing WHEN 'substitute' THEN '（代）' ELSE '' END
            FROM layers_chiefterm AS t INNER JOIN layers_person AS p ON p.id = t.person_id
            WHERE t.cell_id = e.cell_id AND t.valid @> moment
                AND t.office = 'cell_head'
            ORDER BY t.standing DESC LIMIT 1
        ),
        'ways', v.listed
    ))
    FROM layers_sign AS s
    INNER JOIN layers_city AS y ON y.id = s.city_id
    LEFT JOIN layers_building AS b ON b.id = s.building_id
    LEFT JOIN layers_lane AS l ON l.id = s.lane_id
    LEFT JOIN layers_lane AS w ON w.id = s.at_lane_id
    LEFT JOIN layers_street AS r ON r.id = s.at_street_id
    LEFT JOIN layers_celledition AS e
        ON e.cell_id = coalesce(b.cell_id, s.at_cell_id) AND e.valid @> moment
    LEFT JOIN layers_cell AS c ON c.id = e.cell_id
    LEFT JOIN layers_community AS k
        ON k.id = coalesce(c.community_id, b.community_id, l.community_id)
    LEFT JOIN layers_subdistrict AS d ON d.id = k.subdistrict_id
    LEFT JOIN layers_communityline AS h ON h.community_id = k.id AND h.valid @> moment
    LEFT JOIN LATERAL ( -- the streets and lanes of a cell with who answers for them
        SELECT string_agg(n.name || ' ' || coalesce(n.who, ''), '; ' ORDER BY n.name, n.id) AS listed
        FROM (
            SELECT o.id, o.name, (
                SELECT p.name || CASE t.standing WHEN 'substitute' THEN '（代）' ELSE '' END
                FROM layers_chiefterm AS t INNER JOIN layers_person AS p ON p.id = t.person_id
                WHERE t.street_id = o.id AND t.valid @> moment
                ORDER BY t.standing DESC LIMIT 1
            ) AS who
            FROM layers_street AS o
            WHERE o.name <> '' AND o.id IN (
                SELECT q.street_id FROM gridmap_cell_way AS q WHERE q.cell_id = s.cell_id)
            UNION ALL
            SELECT o.id, o.name, (
                SELECT p.name || CASE t.standing WHEN 'substitute' THEN '（代）' ELSE '' END
                FROM layers_chiefterm AS t INNER JOIN layers_person AS p ON p.id = t.person_id
                WHERE t.lane_id = o.id AND t.valid @> moment
                ORDER BY t.standing DESC LIMIT 1
            )
            FROM layers_lane AS o
            WHERE o.name <> '' AND o.id IN (
                SELECT q.lane_id FROM gridmap_cell_way AS q WHERE q.cell_id = s.cell_id)
        ) AS n
    ) AS v ON s.cell_id IS NOT NULL
    WHERE s.id = ANY (signs)
$$;

-- What a sign refers to lies in the city of the sign.
CREATE TRIGGER sign_one_city_inserted AFTER INSERT ON layers_sign REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION gridmap_check_one_city(
    city_id, city, building_id, layers_building, lane_id, layers_lane, cell_id,
    gridmap_city_of_cell, printing_id, layers_printing
);
CREATE TRIGGER sign_one_city_updated AFTER UPDATE ON layers_sign REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION gridmap_check_one_city(
    city_id, city, building_id, layers_building, lane_id, layers_lane, cell_id,
    gridmap_city_of_cell, printing_id, layers_printing
);
