CREATE TABLE "recent_refreshes" (
	"family_id" uuid NOT NULL,
	"day" date NOT NULL,
	"refreshes" integer NOT NULL,
	"network" "inet",
	"seconds" integer[] NOT NULL,
	CONSTRAINT "recent_refreshes_network" UNIQUE NULLS NOT DISTINCT("family_id","day","network")
);
--> statement-breakpoint
CREATE INDEX "recent_refreshes_day" ON "recent_refreshes" USING btree ("day");--> statement-breakpoint
-- Room for the next version of a day on its own page.
ALTER TABLE "recent_refreshes" SET (fillfactor = 50);--> statement-breakpoint
-- The same count as before. Nearly every statement writes one event, for which making one half hour of a day more is
-- much less work than adding up two arrays.
CREATE OR REPLACE FUNCTION "count_audit_events"() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  free_shard integer;
  counted record;
  first_count integer[];
BEGIN
  -- An event has a row of its own, or one more is counted in the row that is there.
  -- A shard that no other transaction has until this one ends: counting never waits, so it is in no deadlock.
  SELECT n INTO free_shard FROM generate_series(0, 31) n WHERE pg_try_advisory_xact_lock(1635083369, n) LIMIT 1;
  FOR counted IN
    SELECT (at AT TIME ZONE 'UTC')::date AS day, name, 1 + floor(extract(epoch FROM at))::bigint % 86400 / 1800 AS half_hour,
      count(*)::int AS events, min(id) AS first_id
    FROM new_events GROUP BY 1, 2, 3
  LOOP
    first_count := array_fill(0, ARRAY[48]);
    first_count[counted.half_hour] := counted.events;
    INSERT INTO audit_days AS d (day, name, shard, events, first_id, half_hours)
    VALUES (counted.day, counted.name, coalesce(free_shard, 32 + pg_backend_pid()), counted.events, counted.first_id, first_count)
    ON CONFLICT (day, name, shard) DO UPDATE
      SET events = d.events + excluded.events, first_id = least(d.first_id, excluded.first_id),
        half_hours[counted.half_hour] = d.half_hours[counted.half_hour] + counted.events;
  END LOOP;
  RETURN NULL;
END $$;
