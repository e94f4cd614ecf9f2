-- One MVT tile of a fabric: layers units and edges; the id is the place of the unit or border,
-- as the arrays of its bundle count them. Empty where there is nothing.
CREATE FUNCTION gridmap_fabric_tile(fabric bigint, z integer, x integer, y integer) RETURNS bytea
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH bounds AS (
        SELECT
            ST_TileEnvelope(z, x, y) AS mercator,
            ST_Transform(ST_TileEnvelope(z, x, y, margin => 64.0 / 4096), 4326) AS ground
    ), units AS (
        SELECT u.place AS id, ST_AsMVTGeom(gridmap_shown(u.geom), b.mercator, 4096, 64) AS geom
        FROM layers_unit AS u INNER JOIN bounds AS b ON u.geom && b.ground
        WHERE u.fabric_id = gridmap_fabric_tile.fabric
    ), edges AS (
        SELECT
            e.place AS id, e.level::integer AS level,
            ST_AsMVTGeom(ST_Transform(e.geom, 3857), b.mercator, 4096, 64) AS geom
        FROM layers_unitedge AS e INNER JOIN bounds AS b ON e.geom && b.ground
        WHERE e.fabric_id = gridmap_fabric_tile.fabric
    )
    SELECT
        coalesce((SELECT ST_AsMVT(units, 'units', 4096, 'geom', 'id') FROM units
            WHERE units.geom IS NOT NULL), '')
        || coalesce((SELECT ST_AsMVT(edges, 'edges', 4096, 'geom', 'id') FROM edges
            WHERE edges.geom IS NOT NULL), '')
$$;
