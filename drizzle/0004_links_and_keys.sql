ALTER TABLE "clients" ADD COLUMN "jwks_fetched_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "device_codes" ADD COLUMN "redeemed_by" "bytea";--> statement-breakpoint
ALTER TABLE "setup_links" ADD COLUMN "created_by" uuid;--> statement-breakpoint
ALTER TABLE "setup_links" ADD CONSTRAINT "setup_links_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_events_family_story" ON "audit_events" USING btree ("family_id","id") WHERE "audit_events"."name" <> 'tool_called';--> statement-breakpoint
CREATE INDEX "setup_links_creator" ON "setup_links" USING btree ("created_by");