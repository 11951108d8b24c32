ALTER TABLE "audit_events" ADD COLUMN "count" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "audit_events" ADD COLUMN "counted_since" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "audit_events" ADD COLUMN "bucket" "bytea";--> statement-breakpoint
CREATE UNIQUE INDEX "audit_events_counted" ON "audit_events" USING btree ("name","counted_since","bucket") WHERE "audit_events"."bucket" is not null;