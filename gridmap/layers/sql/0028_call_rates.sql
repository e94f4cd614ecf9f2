-- How often somebody called in the present span of time: one row a caller, written by every server
-- process, lost in a crash, which does no harm.
CREATE UNLOGGED TABLE gridmap_calls (
    who text PRIMARY KEY, since timestamptz NOT NULL, calls integer NOT NULL
);

-- Counts a call. Returns how many there are in the span it falls in, and in how many seconds that
-- span ends. Now and then callers who have not come for a day are forgotten.
CREATE FUNCTION gridmap_count_call(caller text, span integer)
RETURNS TABLE (calls integer, seconds double precision)
LANGUAGE plpgsql AS $$
DECLARE
    moment timestamptz := clock_timestamp();
    length interval := make_interval(secs => span);
BEGIN
    IF random() < 0.001 THEN
        DELETE FROM gridmap_calls AS c WHERE c.since < moment - interval '1 day';
    END IF;
    RETURN QUERY
    INSERT INTO gridmap_calls AS c (who, since, calls) VALUES (caller, moment, 1)
    ON CONFLICT (who) DO UPDATE SET
        calls = CASE WHEN c.since <= moment - length THEN 1 ELSE c.calls + 1 END,
        since = CASE WHEN c.since <= moment - length THEN moment ELSE c.since END
    RETURNING c.calls, extract(EPOCH FROM c.since + length - moment)::double precision;
END
$$;
