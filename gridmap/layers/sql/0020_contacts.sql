-- What was told is known by the trigger that keeps it: another kind of table may bear a like name.
CREATE OR REPLACE FUNCTION gridmap_grant_application(application name) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE kept text;
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', application);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO %I', application);
    EXECUTE format('REVOKE TRUNCATE, REFERENCES, TRIGGER ON ALL TABLES IN SCHEMA public FROM %I', application);
    EXECUTE format('GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO %I', application);
    FOR kept IN
        SELECT t.tgrelid::regclass::text FROM pg_trigger AS t
        WHERE t.tgname IN ('entry_is_kept', 'journalseal_is_kept') OR t.tgname ~ '_version_is_kept$'
    LOOP
        EXECUTE format('REVOKE UPDATE, DELETE ON %s FROM %I', kept, application);
    END LOOP;
END
$$;
