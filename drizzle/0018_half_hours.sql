-- What was counted by the day happened at noon, as far as anybody knows.
-- The default is for events of the version that runs: its trigger may have begun before this, and waits for the table.
ALTER TABLE "audit_days" ADD COLUMN "half_hours" integer[] DEFAULT array_fill(0, ARRAY[48]);--> statement-breakpoint
UPDATE "audit_days" SET "half_hours" = array_fill(0, ARRAY[24]) || least(events, 2147483647)::int || array_fill(0, ARRAY[23]);--> statement-breakpoint
ALTER TABLE "audit_days" ALTER COLUMN "half_hours" SET NOT NULL;--> statement-breakpoint
CREATE OR REPLACE FUNCTION "count_audit_events"() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  free_shard integer;
BEGIN
  -- An event has a row of its own, or one more is counted in the row that is there.
  -- A shard that no other transaction has until this one ends: counting never waits, so it is in no deadlock.
  SELECT n INTO free_shard FROM generate_series(0, 31) n WHERE pg_try_advisory_xact_lock(1635083369, n) LIMIT 1;
  INSERT INTO audit_days AS d (day, name, shard, events, first_id, half_hours)
  SELECT e.day, e.name, coalesce(free_shard, 32 + pg_backend_pid()), sum(e.events), min(e.first_id), ARRAY(
      SELECT coalesce(counted.events, 0)
      FROM generate_series(0, 47) h LEFT JOIN unnest(array_agg(e.half_hour), array_agg(e.events)) counted(half_hour, events)
        ON counted.half_hour = h
      ORDER BY h)
  FROM (
    SELECT (at AT TIME ZONE 'UTC')::date AS day, name, floor(extract(epoch FROM at))::bigint % 86400 / 1800 AS half_hour,
      count(*)::int AS events, min(id) AS first_id
    FROM new_events GROUP BY 1, 2, 3) e
  GROUP BY 1, 2
  ON CONFLICT (day, name, shard) DO UPDATE
    SET events = d.events + excluded.events, first_id = least(d.first_id, excluded.first_id),
      half_hours = ARRAY(SELECT h.a + h.b FROM unnest(d.half_hours, excluded.half_hours) WITH ORDINALITY h(a, b, n) ORDER BY h.n);
  RETURN NULL;
END $$;
