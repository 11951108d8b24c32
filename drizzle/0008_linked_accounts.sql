CREATE TABLE "account_grants" (
	"account_id" uuid NOT NULL,
	"resource_id" text NOT NULL,
	"scopes" text[] NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_used_at" timestamp with time zone,
	CONSTRAINT "account_grants_account_id_resource_id_pk" PRIMARY KEY("account_id","resource_id")
);
--> statement-breakpoint
CREATE TABLE "connect_requests" (
	"digest" "bytea" PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"client_id" text NOT NULL,
	"resource_id" text NOT NULL,
	"provider" text NOT NULL,
	"scopes" text[] NOT NULL,
	"pending" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "linked_accounts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"provider" text NOT NULL,
	"subject" text NOT NULL,
	"label" text NOT NULL,
	"scopes" text[] NOT NULL,
	"sealed" text NOT NULL,
	"wrapped_key" text NOT NULL,
	"key_version" text NOT NULL,
	"access_expires_at" timestamp with time zone,
	"version" integer DEFAULT 1 NOT NULL,
	"lease_id" uuid,
	"lease_until" timestamp with time zone,
	"state" text DEFAULT 'good' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_used_at" timestamp with time zone,
	CONSTRAINT "linked_accounts_user_provider" UNIQUE("user_id","provider"),
	CONSTRAINT "linked_accounts_state" CHECK ("linked_accounts"."state" in ('good', 'needs_sign_in'))
);
--> statement-breakpoint
CREATE TABLE "identities" (
	"provider" text NOT NULL,
	"subject" text NOT NULL,
	"id" uuid DEFAULT gen_random_uuid() NOT NULL,
	"user_id" uuid NOT NULL,
	"label" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_used_at" timestamp with time zone,
	CONSTRAINT "identities_provider_subject_pk" PRIMARY KEY("provider","subject"),
	CONSTRAINT "identities_id_unique" UNIQUE("id")
);
--> statement-breakpoint
CREATE TABLE "provider_resources" (
	"provider" text NOT NULL,
	"resource_id" text NOT NULL,
	CONSTRAINT "provider_resources_provider_resource_id_pk" PRIMARY KEY("provider","resource_id")
);
--> statement-breakpoint
CREATE TABLE "provider_states" (
	"digest" "bytea" PRIMARY KEY NOT NULL,
	"provider" text NOT NULL,
	"browser_digest" "bytea" NOT NULL,
	"purpose" text NOT NULL,
	"sealed" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"claimed_at" timestamp with time zone,
	CONSTRAINT "provider_states_purpose" CHECK ("provider_states"."purpose" in ('sign_in', 'identity', 'account'))
);
--> statement-breakpoint
CREATE TABLE "providers" (
	"slug" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"issuer" text NOT NULL,
	"client_id" text NOT NULL,
	"sealed" text,
	"wrapped_key" text,
	"key_version" text,
	"description" jsonb NOT NULL,
	"scopes" jsonb NOT NULL,
	"signs_in" boolean NOT NULL,
	"joining" text[] DEFAULT '{}' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "providers_kind" CHECK ("providers"."kind" in ('openid', 'oauth2')),
	CONSTRAINT "providers_slug" CHECK ("providers"."slug" ~ '^[a-z][a-z0-9-]{0,31}$'),
	CONSTRAINT "providers_sealed" CHECK (num_nulls("providers"."sealed", "providers"."wrapped_key", "providers"."key_version") in (0, 3))
);
--> statement-breakpoint
ALTER TABLE "sessions" DROP CONSTRAINT "sessions_authentication_method";--> statement-breakpoint
ALTER TABLE "scopes" ADD COLUMN "needs" jsonb DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "scopes" ADD COLUMN "broad" text;--> statement-breakpoint
ALTER TABLE "account_grants" ADD CONSTRAINT "account_grants_account_id_linked_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "public"."linked_accounts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "account_grants" ADD CONSTRAINT "account_grants_resource_id_resources_id_fk" FOREIGN KEY ("resource_id") REFERENCES "public"."resources"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "connect_requests" ADD CONSTRAINT "connect_requests_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "connect_requests" ADD CONSTRAINT "connect_requests_client_id_clients_id_fk" FOREIGN KEY ("client_id") REFERENCES "public"."clients"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "connect_requests" ADD CONSTRAINT "connect_requests_resource_id_resources_id_fk" FOREIGN KEY ("resource_id") REFERENCES "public"."resources"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "connect_requests" ADD CONSTRAINT "connect_requests_provider_providers_slug_fk" FOREIGN KEY ("provider") REFERENCES "public"."providers"("slug") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "linked_accounts" ADD CONSTRAINT "linked_accounts_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "linked_accounts" ADD CONSTRAINT "linked_accounts_provider_providers_slug_fk" FOREIGN KEY ("provider") REFERENCES "public"."providers"("slug") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "identities" ADD CONSTRAINT "identities_provider_providers_slug_fk" FOREIGN KEY ("provider") REFERENCES "public"."providers"("slug") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "identities" ADD CONSTRAINT "identities_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "provider_resources" ADD CONSTRAINT "provider_resources_provider_providers_slug_fk" FOREIGN KEY ("provider") REFERENCES "public"."providers"("slug") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "provider_resources" ADD CONSTRAINT "provider_resources_resource_id_resources_id_fk" FOREIGN KEY ("resource_id") REFERENCES "public"."resources"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "provider_states" ADD CONSTRAINT "provider_states_provider_providers_slug_fk" FOREIGN KEY ("provider") REFERENCES "public"."providers"("slug") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "account_grants_resource" ON "account_grants" USING btree ("resource_id");--> statement-breakpoint
CREATE INDEX "connect_requests_expiry" ON "connect_requests" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "connect_requests_user" ON "connect_requests" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "connect_requests_client" ON "connect_requests" USING btree ("client_id");--> statement-breakpoint
CREATE INDEX "connect_requests_resource" ON "connect_requests" USING btree ("resource_id");--> statement-breakpoint
CREATE INDEX "connect_requests_provider" ON "connect_requests" USING btree ("provider");--> statement-breakpoint
CREATE INDEX "linked_accounts_provider" ON "linked_accounts" USING btree ("provider");--> statement-breakpoint
CREATE INDEX "linked_accounts_key_version" ON "linked_accounts" USING btree ("key_version");--> statement-breakpoint
CREATE INDEX "identities_user" ON "identities" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "provider_resources_resource" ON "provider_resources" USING btree ("resource_id");--> statement-breakpoint
CREATE INDEX "provider_states_expiry" ON "provider_states" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "provider_states_provider" ON "provider_states" USING btree ("provider");--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_authentication_method" CHECK ("sessions"."authentication_method" in ('password', 'passkey', 'recovery_code', 'setup_link', 'provider'));