CREATE TABLE "app_requests" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"client_id" text NOT NULL,
	"resource_id" text NOT NULL,
	"scopes" text[] NOT NULL,
	"redirect_host" text,
	"fingerprint" "bytea" NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"told_at" timestamp with time zone,
	"tries" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "app_rules" (
	"kind" text NOT NULL,
	"pattern" text NOT NULL,
	"decision" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "app_rules_kind_pattern_pk" PRIMARY KEY("kind","pattern"),
	CONSTRAINT "app_rules_kind" CHECK ("app_rules"."kind" in ('document', 'registered', 'redirect')),
	CONSTRAINT "app_rules_decision" CHECK ("app_rules"."decision" in ('welcome', 'ask', 'refuse'))
);
--> statement-breakpoint
ALTER TABLE "authorization_codes" ADD COLUMN "redirect_host" text;--> statement-breakpoint
ALTER TABLE "clients" ADD COLUMN "redirect_hosts" text[];--> statement-breakpoint
ALTER TABLE "clients" ADD COLUMN "invited" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "app_requests" ADD CONSTRAINT "app_requests_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "app_requests" ADD CONSTRAINT "app_requests_client_id_clients_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."clients"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "app_requests" ADD CONSTRAINT "app_requests_resource_id_resources_id_fk" FOREIGN KEY ("resource_id") REFERENCES "public"."resources"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "app_requests_person" ON "app_requests" USING btree ("user_id","client_id");--> statement-breakpoint
CREATE INDEX "app_requests_client" ON "app_requests" USING btree ("client_id");--> statement-breakpoint
CREATE INDEX "app_requests_resource" ON "app_requests" USING btree ("resource_id");--> statement-breakpoint
CREATE INDEX "app_requests_created" ON "app_requests" USING btree ("created_at");--> statement-breakpoint
UPDATE "clients" SET "redirect_hosts" = array(
  SELECT DISTINCT CASE
    WHEN u ~* '^http://(localhost|127\.0\.0\.1|\[::1\])([:/?]|$)' THEN 'loopback'
    WHEN u ~* '^https?://' THEN rtrim(lower(substring(u from '^[^:]*://(?:[^/?@]*@)?([^/:?]+)')), '.')
    ELSE lower(substring(u from '^[^:]+:')) END
  FROM unnest("redirect_uris") u);
