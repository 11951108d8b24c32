CREATE TABLE "device_codes" (
	"digest" "bytea" PRIMARY KEY NOT NULL,
	"user_code_hash" "bytea" NOT NULL,
	"client_id" text NOT NULL,
	"resource_id" text NOT NULL,
	"scopes" text[] NOT NULL,
	"poll_seconds" integer NOT NULL,
	"polled_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"session_digest" "bytea",
	"user_id" uuid,
	"decision" text,
	"family_seconds" integer,
	"user_agent" text,
	"redeemed_at" timestamp with time zone,
	"family_id" uuid,
	CONSTRAINT "device_codes_user_code_hash_unique" UNIQUE("user_code_hash"),
	CONSTRAINT "device_codes_decision" CHECK ("device_codes"."decision" in ('allowed', 'denied')),
	CONSTRAINT "device_codes_decided" CHECK (("device_codes"."decision" is null) = ("device_codes"."user_id" is null)),
	CONSTRAINT "device_codes_redeemed" CHECK ("device_codes"."redeemed_at" is null or "device_codes"."decision" = 'allowed')
);
--> statement-breakpoint
CREATE TABLE "answered_challenges" (
	"digest" "bytea" PRIMARY KEY NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "recovery_codes" (
	"digest" "bytea" PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"used_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "setup_links" (
	"digest" "bytea" PRIMARY KEY NOT NULL,
	"id" uuid DEFAULT gen_random_uuid() NOT NULL,
	"role" text,
	"email" text,
	"user_id" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone,
	CONSTRAINT "setup_links_id_unique" UNIQUE("id"),
	CONSTRAINT "setup_links_role" CHECK ("setup_links"."role" in ('owner', 'member')),
	CONSTRAINT "setup_links_purpose" CHECK (("setup_links"."role" is null) = ("setup_links"."user_id" is not null)),
	CONSTRAINT "setup_links_email_lower_case" CHECK ("setup_links"."email" = lower("setup_links"."email"))
);
--> statement-breakpoint
ALTER TABLE "sessions" DROP CONSTRAINT "sessions_authentication_method";--> statement-breakpoint
DROP INDEX "clients_created";--> statement-breakpoint
ALTER TABLE "token_families" ALTER COLUMN "user_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "authorization_codes" ADD COLUMN "family_seconds" integer;--> statement-breakpoint
ALTER TABLE "authorization_codes" ADD COLUMN "user_agent" text;--> statement-breakpoint
ALTER TABLE "resources" ADD COLUMN "max_family_seconds" integer;--> statement-breakpoint
ALTER TABLE "token_families" ADD COLUMN "name" text;--> statement-breakpoint
ALTER TABLE "token_families" ADD COLUMN "user_agent" text;--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "id" uuid DEFAULT gen_random_uuid() NOT NULL;--> statement-breakpoint
ALTER TABLE "device_codes" ADD CONSTRAINT "device_codes_client_id_clients_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."clients"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "device_codes" ADD CONSTRAINT "device_codes_resource_id_resources_id_fk" FOREIGN KEY ("resource_id") REFERENCES "public"."resources"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "device_codes" ADD CONSTRAINT "device_codes_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recovery_codes" ADD CONSTRAINT "recovery_codes_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "setup_links" ADD CONSTRAINT "setup_links_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "device_codes_expiry" ON "device_codes" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "device_codes_client" ON "device_codes" USING btree ("client_id");--> statement-breakpoint
CREATE INDEX "device_codes_user" ON "device_codes" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "device_codes_resource" ON "device_codes" USING btree ("resource_id");--> statement-breakpoint
CREATE INDEX "answered_challenges_expiry" ON "answered_challenges" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "recovery_codes_user" ON "recovery_codes" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "setup_links_user" ON "setup_links" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "setup_links_expiry" ON "setup_links" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "audit_events_name" ON "audit_events" USING btree ("name","id");--> statement-breakpoint
CREATE INDEX "clients_created" ON "clients" USING btree ("created_at","id");--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_id_unique" UNIQUE("id");--> statement-breakpoint
ALTER TABLE "resources" ADD CONSTRAINT "resources_max_family_seconds" CHECK ("resources"."max_family_seconds" > 0);--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_authentication_method" CHECK ("sessions"."authentication_method" in ('password', 'passkey', 'recovery_code', 'setup_link'));