INSERT INTO layers_city (id, slug, code, name, name_en, former_name, metric_srid, time_zone, bounds, demo,
    edition, approval, public_card)
SELECT 1, 'm', '990001', 'M', 'M', '', 4548, 'Asia/Shanghai',
    ST_Multi(ST_Expand(ST_Extent(geom)::geometry, 0.01))::geometry(MultiPolygon, 4326), false, 1, '', false
FROM s_subdistrict;
UPDATE layers_city SET bounds = ST_SetSRID(bounds, 4326);
INSERT INTO layers_subdistrict (id, city_id, code, name, geom)
SELECT id, 1, '990001' || lpad(id::text, 3, '0'), 'S' || id, ST_Multi(geom) FROM s_subdistrict;
INSERT INTO layers_community (id, subdistrict_id, code, name, search, geom)
SELECT id, 1 + (id - 1) / 20 / 4 * 5 + (id - 1) % 20 / 4, '990001001' || lpad(id::text, 3, '0'), 'K' || id, '',
    ST_Multi(geom) FROM s_community;
INSERT INTO layers_cell (id, uid, community_id)
SELECT id, gen_random_uuid(), 1 + (id - 1) / 100 / 5 * 20 + (id - 1) % 100 / 5 FROM s_cell;
INSERT INTO layers_celledition (id, cell_id, code, name, kind, use, geom, valid)
SELECT s.id, s.id, k.code || lpad((row_number() OVER (PARTITION BY k.id ORDER BY s.id))::text, 3, '0'),
    'C' || s.id, 'basic', '', ST_Multi(s.geom), '[2024-01-01,)'::tstzrange
FROM s_cell AS s INNER JOIN layers_cell AS c USING (id) INNER JOIN layers_community AS k ON k.id = c.community_id;
INSERT INTO layers_ground (id, city_id, kind, name, geom)
SELECT id, 1, 'green', '', ST_Multi(ST_Buffer(ST_Centroid(geom), 0.0004)) FROM s_community;
