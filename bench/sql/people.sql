INSERT INTO layers_person (id, city_id, name, search, relay_phone)
SELECT n, 1, 'Person ' || n, '', '' FROM generate_series(1, 60000) AS n;
INSERT INTO layers_chiefterm (office, building_id, person_id, standing, reason, valid)
SELECT 'building', b.id, 1 + b.id % 60000, 'acting', '', '[2024-01-01,)'::tstzrange FROM layers_building AS b WHERE b.id % 3 = 0;
INSERT INTO layers_chiefterm (office, lane_id, person_id, standing, reason, valid)
SELECT 'lane', l.id, 1 + l.id, CASE WHEN l.id % 20 = 0 THEN 'substitute' ELSE 'acting' END,
    CASE WHEN l.id % 20 = 0 THEN 'leave' ELSE '' END, '[2024-01-01,)'::tstzrange
FROM layers_lane AS l WHERE l.id % 10 <> 0 OR l.id % 20 = 0;
INSERT INTO layers_chiefterm (office, street_id, person_id, standing, reason, valid)
SELECT 'street', w.id, 1 + w.id, 'acting', '', '[2024-01-01,)'::tstzrange FROM layers_street AS w;
INSERT INTO layers_chiefterm (office, cell_id, person_id, standing, reason, valid)
SELECT o.office, c.id, 20000 + c.id, 'acting', '', '[2024-01-01,)'::tstzrange
FROM layers_cell AS c CROSS JOIN (VALUES ('cell_head'), ('cell_worker')) AS o (office);
INSERT INTO layers_stretchseen (stretch_id, at)
SELECT t.id, now() - (t.id % 12) * interval '1 day' FROM layers_stretch AS t WHERE t.id % 15 <> 0;
INSERT INTO layers_entranceseen (entrance_id, at)
SELECT e.id, now() - (e.id % 20) * interval '1 day' FROM layers_entrance AS e WHERE e.id % 4 <> 0;
INSERT INTO layers_department (id, city_id, code, name, name_en, rank)
SELECT n, 1, 'd' || n, 'D' || n, '', n FROM generate_series(1, 5) AS n;
INSERT INTO layers_category (id, city_id, code, name, name_en, kind, department_id, limit_hours)
SELECT n, 1, 'c' || n, 'C' || n, '', 'event', 1 + n % 5, 72 FROM generate_series(1, 20) AS n;
