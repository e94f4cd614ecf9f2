-- Cities live side by side and never touch: what a row refers to belongs to the city of the row.
-- A violation is a check_violation named <table>_<reference>_same_city.

CREATE VIEW gridmap_city_of_community AS
SELECT k.id, s.city_id
FROM layers_community AS k INNER JOIN layers_subdistrict AS s ON s.id = k.subdistrict_id;

CREATE VIEW gridmap_city_of_cell AS
SELECT c.id, k.city_id
FROM layers_cell AS c INNER JOIN gridmap_city_of_community AS k ON k.id = c.community_id;

CREATE VIEW gridmap_city_of_entrance AS
SELECT e.id, b.city_id
FROM layers_entrance AS e INNER JOIN layers_building AS b ON b.id = e.building_id;

-- Arguments: where the row's own city stands (the table itself, or a reference and its table), then
-- each reference with the table or view that knows its city.
CREATE FUNCTION gridmap_check_one_city() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    own text := CASE WHEN tg_argv[0] = 'city_id' THEN 'n' ELSE 'own' END;
    bad text;
BEGIN
    FOR i IN 2 .. tg_nargs - 1 BY 2 LOOP
        EXECUTE format(
            'SELECT n.id::text FROM changed AS n INNER JOIN %I AS o ON o.id = n.%I %s '
            'WHERE o.city_id <> %s.city_id LIMIT 1',
            tg_argv[i + 1], tg_argv[i],
            CASE WHEN own = 'own' THEN format('INNER JOIN %I AS own ON own.id = n.%I', tg_argv[1], tg_argv[0])
                ELSE '' END,
            own
        ) INTO bad;
        IF bad IS NOT NULL THEN
            PERFORM gridmap_refuse(
                format('%s_%s_same_city', substr(tg_table_name, 8), replace(tg_argv[i], '_id', '')), bad, 0);
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;

DO $$
DECLARE item record;
BEGIN
    FOR item IN SELECT * FROM (VALUES
        ('incident', 'city_id, city, category_id, layers_category, department_id, layers_department'),
        ('building', 'city_id, city, lane_id, layers_lane, street_id, layers_street'),
        ('lane', 'city_id, city, street_id, layers_street, community_id, gridmap_city_of_community'),
        ('stretch', 'city_id, city, street_id, layers_street, lane_id, layers_lane'),
        ('team', 'city_id, city, community_id, gridmap_city_of_community'),
        ('posting', 'city_id, city, subdistrict_id, layers_subdistrict, community_id, '
            'gridmap_city_of_community, department_id, layers_department'),
        ('category', 'city_id, city, parent_id, layers_category, department_id, layers_department'),
        ('visit', 'city_id, city, team_id, layers_team, stretch_id, layers_stretch, entrance_id, '
            'gridmap_city_of_entrance'),
        ('chiefterm', 'person_id, layers_person, street_id, layers_street, lane_id, layers_lane, '
            'building_id, layers_building, cell_id, gridmap_city_of_cell'),
        ('membership', 'team_id, layers_team, person_id, layers_person'),
        ('teamarea', 'team_id, layers_team, cell_id, gridmap_city_of_cell')
    ) AS t (thing, arguments) LOOP
        EXECUTE format(
            'CREATE TRIGGER %1$s_one_city_inserted AFTER INSERT ON layers_%1$s REFERENCING NEW TABLE AS changed '
            'FOR EACH STATEMENT EXECUTE FUNCTION gridmap_check_one_city(%2$s)', item.thing, item.arguments);
        EXECUTE format(
            'CREATE TRIGGER %1$s_one_city_updated AFTER UPDATE ON layers_%1$s REFERENCING NEW TABLE AS changed '
            'FOR EACH STATEMENT EXECUTE FUNCTION gridmap_check_one_city(%2$s)', item.thing, item.arguments);
    END LOOP;
END
$$;
