-- How the incident stood in each step taken before that was kept, as far as its records tell: what
-- they do not tell stays empty, and nobody's.

WITH told AS (
    SELECT
        s.id, s.incident_id, s.number, s.verb, s.department_id, s.begins, s.ends,
        i.department_id AS now_lead, i.helpers AS now_helpers, i.urgent AS now_urgent,
        i.soon_at AS now_soon, i.due AS now_due, i.filed_at, s.detail ->> 'due' AS counted,
        -- In the others a department is written that need not be the one that leads: it helped, or
        -- had asked for something. They leave the lead as it was.
        s.verb NOT IN (
            'report', 'contribute', 'extend', 'park', 'resume', 'void', 'deny', 'supervise', 'reply'
        ) AS tells,
        -- A case changes hands by a dispatch and by a return.
        count(*) FILTER (
            WHERE s.verb IN ('report', 'dispatch', 'redispatch', 'return')
        ) OVER w AS hand,
        -- Its limit is counted from the filing on, and counted anew by these.
        count(*) FILTER (
            WHERE s.verb IN ('report', 'file', 'settle', 'reopen', 'extend', 'resume')
        ) OVER w AS limit_no
    FROM layers_step AS s INNER JOIN layers_incident AS i ON i.id = s.incident_id
    WINDOW w AS (PARTITION BY s.incident_id ORDER BY s.number)
),

runs AS (
    SELECT
        t.*, count(*) FILTER (WHERE t.tells) OVER w AS run,
        max(t.hand) OVER (PARTITION BY t.incident_id) AS last_hand,
        max(t.limit_no) OVER (PARTITION BY t.incident_id) AS last_limit,
        first_value(t.begins)
            OVER (PARTITION BY t.incident_id, t.hand ORDER BY t.number) AS handed,
        first_value(t.counted)
            OVER (PARTITION BY t.incident_id, t.limit_no ORDER BY t.number) AS due_then
    FROM told AS t
    WINDOW w AS (PARTITION BY t.incident_id ORDER BY t.number)
),

helped AS (
    SELECT
        a.incident_id, a.since,
        array_agg(a.department_id ORDER BY a.department_id) AS helpers
    FROM layers_assignment AS a
    WHERE a.part = 'help'
    GROUP BY a.incident_id, a.since
),

leads AS (
    SELECT
        r.*, h.helpers AS helpers_then,
        first_value(CASE WHEN r.verb <> 'return' THEN r.department_id END)
            OVER (PARTITION BY r.incident_id, r.run ORDER BY r.number) AS run_lead,
        -- Between the report and what is done first nothing changes.
        lead(CASE WHEN r.verb <> 'take_over' THEN r.department_id END)
            OVER (PARTITION BY r.incident_id ORDER BY r.number) AS next_lead
    FROM runs AS r
    LEFT JOIN helped AS h ON h.incident_id = r.incident_id AND h.since = r.handed
)

UPDATE layers_step AS s SET
    lead_id = CASE
        WHEN l.ends IS NULL THEN l.now_lead
        WHEN l.run = 0 THEN l.next_lead
        ELSE l.run_lead
    END,
    helpers = CASE
        WHEN l.ends IS NULL OR (l.hand = l.last_hand AND l.hand > 1) THEN l.now_helpers
        ELSE coalesce(l.helpers_then, '{}')
    END,
    urgent = l.now_urgent AND (
        l.ends IS NULL OR (l.filed_at IS NOT NULL AND l.begins >= l.filed_at)
    ),
    case_soon_at = CASE WHEN l.limit_no = l.last_limit THEN l.now_soon END,
    case_due = CASE
        WHEN l.limit_no = l.last_limit THEN l.now_due ELSE l.due_then::timestamptz
    END
FROM leads AS l
WHERE l.id = s.id;
