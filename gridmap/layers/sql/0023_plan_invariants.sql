-- What holds between fabrics, plans and cells beside single columns.

-- Borders name units of their own fabric; a plan stands on a fabric of its own community.
ALTER TABLE layers_unitedge ADD CONSTRAINT unitedge_a_is_a_unit
FOREIGN KEY (fabric_id, a) REFERENCES layers_unit (fabric_id, place) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE layers_unitedge ADD CONSTRAINT unitedge_b_is_a_unit
FOREIGN KEY (fabric_id, b) REFERENCES layers_unit (fabric_id, place) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE layers_plan ADD CONSTRAINT plan_fabric_of_its_community
FOREIGN KEY (fabric_id, community_id) REFERENCES layers_fabric (id, community_id)
DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE layers_cell ADD CONSTRAINT cell_of_community UNIQUE (id, community_id);
ALTER TABLE layers_unitcell ADD CONSTRAINT unitcell_cell_of_its_community
FOREIGN KEY (cell_id, community_id) REFERENCES layers_cell (id, community_id)
DEFERRABLE INITIALLY DEFERRED;

-- A code belongs to one cell for ever, also after that cell is gone.
ALTER TABLE layers_celledition ADD CONSTRAINT celledition_code_of_one_cell
EXCLUDE USING gist (code WITH =, cell_id WITH <>);

-- A cell of a plan that goes on is one of the plan's community.
CREATE FUNCTION gridmap_check_plan_cells() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE bad record;
BEGIN
    SELECT n.id::text AS id INTO bad
    FROM changed AS n
    INNER JOIN layers_plan AS p ON p.id = n.plan_id
    INNER JOIN layers_cell AS c ON c.id = n.cell_id
    WHERE c.community_id <> p.community_id OR c.uid <> n.uid LIMIT 1;
    IF FOUND THEN PERFORM gridmap_refuse('plancell_of_its_community', bad.id, 0); END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER plancell_community_inserted AFTER INSERT ON layers_plancell
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_check_plan_cells();
CREATE TRIGGER plancell_community_updated AFTER UPDATE ON layers_plancell
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION gridmap_check_plan_cells();

-- Operations are only added; the one thing that changes is whether they count as undone. Labels
-- before and after have the length of the list of units.
ALTER TABLE layers_planop ADD CONSTRAINT planop_labels_of_units CHECK (
    cardinality(units) = cardinality(old) AND cardinality(units) = cardinality(new)
);
CREATE FUNCTION gridmap_keep_plan_op() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    was layers_planop := old;
BEGIN
    IF tg_op = 'UPDATE' THEN
        was.undone_at := new.undone_at;
        IF was IS NOT DISTINCT FROM new THEN RETURN new; END IF;
    ELSIF NOT EXISTS (SELECT FROM layers_plan AS p WHERE p.id = old.plan_id) THEN
        RETURN old; -- the whole plan goes, with its city
    END IF;
    PERFORM gridmap_refuse('planop_is_kept', old.id::text, 0);
    RETURN NULL;
END
$$;
CREATE TRIGGER planop_is_kept BEFORE UPDATE OR DELETE ON layers_planop
FOR EACH ROW EXECUTE FUNCTION gridmap_keep_plan_op();

-- A fabric and its units are built once; only which one is the newest changes.
CREATE FUNCTION gridmap_keep_fabric() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (new.community_id, new.version, new.size, new.source_hash, new.bundle)
        IS DISTINCT FROM (old.community_id, old.version, old.size, old.source_hash, old.bundle) THEN
        PERFORM gridmap_refuse('fabric_is_kept', old.id::text, 0);
    END IF;
    RETURN new;
END
$$;
CREATE TRIGGER fabric_is_kept BEFORE UPDATE ON layers_fabric
FOR EACH ROW EXECUTE FUNCTION gridmap_keep_fabric();
