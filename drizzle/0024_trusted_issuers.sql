CREATE TABLE "issuer_subjects" (
	"issuer_id" uuid NOT NULL,
	"subject" text NOT NULL,
	"user_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "issuer_subjects_issuer_id_subject_pk" PRIMARY KEY("issuer_id","subject")
);
--> statement-breakpoint
CREATE TABLE "trusted_issuers" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"issuer" text NOT NULL,
	"jwks" jsonb,
	"jwks_uri" text,
	"fetched_jwks" jsonb,
	"jwks_fetched_at" timestamp with time zone,
	"jwks_asked_at" timestamp with time zone,
	"vouches" boolean NOT NULL,
	"tenant" text,
	"links_addresses" boolean DEFAULT false NOT NULL,
	"joining" text[] DEFAULT '{}' NOT NULL,
	"refreshes" boolean DEFAULT false NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"disabled_at" timestamp with time zone,
	CONSTRAINT "trusted_issuers_name_unique" UNIQUE("name"),
	CONSTRAINT "trusted_issuers_issuer_unique" UNIQUE("issuer"),
	CONSTRAINT "trusted_issuers_name" CHECK ("trusted_issuers"."name" ~ '^[a-z][a-z0-9-]{0,31}$'),
	CONSTRAINT "trusted_issuers_keys" CHECK (num_nonnulls("trusted_issuers"."jwks", "trusted_issuers"."jwks_uri") = 1)
);
--> statement-breakpoint
CREATE TABLE "workload_rules" (
	"client_id" text PRIMARY KEY NOT NULL,
	"issuer_id" uuid NOT NULL,
	"audience" text NOT NULL,
	"claims" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "token_families" ADD COLUMN "issuer_id" uuid;--> statement-breakpoint
ALTER TABLE "issuer_subjects" ADD CONSTRAINT "issuer_subjects_issuer_id_trusted_issuers_id_fk" FOREIGN KEY ("issuer_id") REFERENCES "public"."trusted_issuers"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "issuer_subjects" ADD CONSTRAINT "issuer_subjects_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workload_rules" ADD CONSTRAINT "workload_rules_client_id_clients_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."clients"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "workload_rules" ADD CONSTRAINT "workload_rules_issuer_id_trusted_issuers_id_fk" FOREIGN KEY ("issuer_id") REFERENCES "public"."trusted_issuers"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "issuer_subjects_user" ON "issuer_subjects" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "workload_rules_issuer" ON "workload_rules" USING btree ("issuer_id");--> statement-breakpoint
CREATE INDEX "providers_issuer" ON "providers" USING btree ("issuer");--> statement-breakpoint
CREATE INDEX "token_families_issuer" ON "token_families" USING btree ("issuer_id") WHERE "token_families"."issuer_id" is not null;