CREATE TABLE "unused_clients" (
	"client_id" text PRIMARY KEY NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "unused_clients" ADD CONSTRAINT "unused_clients_client_id_clients_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."clients"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "unused_clients_created" ON "unused_clients" USING btree ("created_at");--> statement-breakpoint
CREATE FUNCTION "client_is_used"() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  -- The client is locked by whoever creates a family for it, and its row here after it, as registration takes them.
  DELETE FROM unused_clients WHERE client_id = new.client_id;
  RETURN NULL;
END $$;--> statement-breakpoint
CREATE TRIGGER "token_families_client_is_used" AFTER INSERT ON "token_families"
  FOR EACH ROW EXECUTE FUNCTION client_is_used();--> statement-breakpoint
INSERT INTO "unused_clients" ("client_id", "created_at")
  SELECT id, created_at FROM "clients" c
  WHERE registration = 'dynamic' AND NOT EXISTS (SELECT FROM token_families f WHERE f.client_id = c.id);
