CREATE TABLE "audit_days" (
	"day" date NOT NULL,
	"name" text NOT NULL,
	"shard" integer NOT NULL,
	"events" bigint NOT NULL,
	"first_id" bigint NOT NULL,
	CONSTRAINT "audit_days_day_name_shard_pk" PRIMARY KEY("day","name","shard")
);
--> statement-breakpoint
CREATE TABLE "refresh_days" (
	"family_id" uuid NOT NULL,
	"day" date NOT NULL,
	"refreshes" integer NOT NULL,
	"network" "inet",
	CONSTRAINT "refresh_days_network" UNIQUE NULLS NOT DISTINCT("family_id","day","network")
);
--> statement-breakpoint
DROP INDEX "audit_events_at";--> statement-breakpoint
DROP INDEX "audit_events_family";--> statement-breakpoint
DROP INDEX "refresh_tokens_sealed";--> statement-breakpoint
DROP INDEX "token_families_expiry";--> statement-breakpoint
DROP INDEX "token_families_client";--> statement-breakpoint
DROP INDEX "token_families_resource";--> statement-breakpoint
ALTER TABLE "clients" ADD COLUMN "review_at" timestamp with time zone DEFAULT now() + interval '30 days' NOT NULL;--> statement-breakpoint
CREATE INDEX "refresh_days_day" ON "refresh_days" USING btree ("day");--> statement-breakpoint
CREATE INDEX "audit_events_family_tools" ON "audit_events" USING btree ("family_id","id") WHERE "audit_events"."name" = 'tool_called';--> statement-breakpoint
CREATE INDEX "clients_review" ON "clients" USING btree ("review_at");--> statement-breakpoint
CREATE INDEX "token_families_user_created" ON "token_families" USING btree ("user_id","created_at","id");--> statement-breakpoint
CREATE INDEX "token_families_end" ON "token_families" USING btree (coalesce("revoked_at", "expires_at"));--> statement-breakpoint
CREATE INDEX "token_families_machines" ON "token_families" USING btree ("expires_at") WHERE "token_families"."user_id" is null;--> statement-breakpoint
CREATE INDEX "recovery_codes_used" ON "recovery_codes" USING btree ("used_at") WHERE "recovery_codes"."used_at" is not null;--> statement-breakpoint
CREATE INDEX "token_families_client" ON "token_families" USING btree ("client_id","revoked_at","expires_at");--> statement-breakpoint
CREATE INDEX "token_families_resource" ON "token_families" USING btree ("resource_id","revoked_at","expires_at");--> statement-breakpoint
CREATE FUNCTION "count_audit_events"() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  free_shard integer;
BEGIN
  -- An event has a row of its own, or one more is counted in the row that is there.
  -- A shard that no other transaction has until this one ends: counting never waits, so it is in no deadlock.
  SELECT n INTO free_shard FROM generate_series(0, 31) n WHERE pg_try_advisory_xact_lock(1635083369, n) LIMIT 1;
  INSERT INTO audit_days AS d (day, name, shard, events, first_id)
  SELECT (at AT TIME ZONE 'UTC')::date, name, coalesce(free_shard, 32 + pg_backend_pid()), count(*), min(id)
  FROM new_events GROUP BY 1, 2
  ON CONFLICT (day, name, shard) DO UPDATE
    SET events = d.events + excluded.events, first_id = least(d.first_id, excluded.first_id);
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER "audit_events_count" AFTER INSERT ON "audit_events"
  REFERENCING NEW TABLE AS new_events FOR EACH STATEMENT EXECUTE FUNCTION count_audit_events();--> statement-breakpoint
CREATE TRIGGER "audit_events_count_again" AFTER UPDATE ON "audit_events"
  REFERENCING NEW TABLE AS new_events FOR EACH STATEMENT EXECUTE FUNCTION count_audit_events();--> statement-breakpoint
INSERT INTO "audit_days" ("day", "name", "shard", "events", "first_id")
  SELECT (at AT TIME ZONE 'UTC')::date, name, 0, sum(count), min(id) FROM "audit_events" GROUP BY 1, 2;--> statement-breakpoint
-- Room for the next version of a count on its own page.
ALTER TABLE "audit_days" SET (fillfactor = 50);--> statement-breakpoint
ALTER TABLE "refresh_days" SET (fillfactor = 95);
