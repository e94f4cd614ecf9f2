-- Hours of a working day do not overlap while their seasons do.

ALTER TABLE layers_workslot ADD CONSTRAINT workslot_one_at_a_time EXCLUDE USING gist (
    city_id WITH =,
    valid WITH &&,
    int4range(
        (extract(HOUR FROM begins) * 60 + extract(MINUTE FROM begins))::integer,
        (extract(HOUR FROM ends) * 60 + extract(MINUTE FROM ends))::integer
    ) WITH &&
);

-- A band begins with its smaller number.
ALTER TABLE layers_citysetting ADD CONSTRAINT citysetting_band_in_order CHECK (
    name <> 'cell_households'
    OR split_part(value, '-', 1)::integer <= split_part(value, '-', 2)::integer
);
