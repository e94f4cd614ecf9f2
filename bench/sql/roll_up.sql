INSERT INTO layers_cellstat
(cell_id, city_id, open, soon, late, parked, stretches, entrances, chiefs, counted_on)
SELECT t.cell, 1, t.open, t.soon, t.late, t.parked, t.stretches, t.entrances, t.chiefs,
    (now() AT TIME ZONE 'Asia/Shanghai')::date
FROM gridmap_true_stats(1) AS t;

