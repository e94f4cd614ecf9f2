-- A session keeps the plan of this function's questions. One made while there were hardly any steps
-- would read the whole table for each of the fifty thousand that a load brings after that.
ALTER FUNCTION gridmap_take_step() SET enable_seqscan = off;
