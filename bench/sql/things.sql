INSERT INTO layers_street (id, city_id, code, name, kind, aliases, search, width_m, centreline, polygon, derived)
SELECT id, 1, 'S' || id, 'Street ' || id, '', '{}', '', 16, ST_Multi(geom),
    ST_Multi(ST_Buffer(geom, 0.00007, 2)), 'polygon' FROM s_street;
INSERT INTO layers_lane (id, city_id, code, name, kind, aliases, search, width_m, centreline, polygon, derived,
    street_id, community_id)
SELECT s.id, 1, 'L' || s.id, 'Lane ' || s.id, '', '{}', '', 4, ST_Multi(s.geom),
    ST_Multi(ST_Buffer(s.geom, 0.00002, 2)), 'polygon', 1 + (s.id - 1) / 100 / 5, c.community_id
FROM s_lane AS s INNER JOIN layers_cell AS c USING (id);
INSERT INTO layers_stretch (id, city_id, code, lane_id, side, start, "end", interval_days, centreline, anchor, cell_id)
SELECT id, 1, 'T' || id, id, 'both', '', '', 7, geom, ST_PointN(geom, 4), id FROM s_lane;
INSERT INTO layers_building (id, city_id, community_id, cell_id, lane_id, code, name, address, number, aliases, search,
    kind, floors, geom)
SELECT s.id, 1, c.community_id, c.id, c.id, 'B' || s.id, '', format('%s路%s %s 号', chr(19968 + c.id::integer % 2000), c.id, s.id % 200),
    (s.id % 200)::text, '{}',
    -- Lanes of 2,000 first signs and 26 first letters, as in a city: 南路12 3 号 nanlu12 nl12.
    format('%1$s路%2$s %3$s 号 %4$sanlu%2$s%3$shao %4$sl%2$s%3$sh', chr(19968 + c.id::integer % 2000), c.id,
        s.id % 200, chr(97 + c.id::integer % 26)),
    'slab', 6, ST_Multi(s.geom)
FROM s_building AS s INNER JOIN layers_cell AS c ON c.id = 1 + (s.id - 1) / 40;
INSERT INTO layers_entrance (id, building_id, seq, place, interval_days, cell_id)
SELECT b.id, b.id, 1, ST_PointN(ST_ExteriorRing(ST_GeometryN(b.geom, 1)), 1), 14, b.cell_id FROM layers_building AS b;
INSERT INTO layers_partyunit (id, city_id, community_id, cell_id, code, name, aliases, search, kind, superior, place)
SELECT c.id, 1, c.community_id, c.id, 'P' || c.id, 'P' || c.id, '{}', '', 'organ', '', ST_PointOnSurface(s.geom)
FROM s_cell AS s INNER JOIN layers_cell AS c USING (id) WHERE c.id % 3 = 0;
