-- Figures that were kept stay as they were computed.
CREATE TRIGGER evaluation_is_kept BEFORE UPDATE OR DELETE ON layers_evaluation
FOR EACH ROW EXECUTE FUNCTION gridmap_keep('evaluation_is_kept');
