-- A handover is kept as it was made. Only who should have followed may be struck out, once, when
-- that term is taken back before it began.
DROP TRIGGER handover_is_kept ON layers_handover;
CREATE TRIGGER handover_is_kept BEFORE DELETE ON layers_handover
FOR EACH ROW EXECUTE FUNCTION gridmap_keep_row('handover_is_kept');
CREATE TRIGGER handover_stays_as_made BEFORE UPDATE ON layers_handover
FOR EACH ROW
WHEN (
    new.after_id IS NOT NULL
    OR (to_jsonb(old) - 'after_id') IS DISTINCT FROM (to_jsonb(new) - 'after_id')
)
EXECUTE FUNCTION gridmap_keep_row('handover_is_kept');
