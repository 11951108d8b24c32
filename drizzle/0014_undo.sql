ALTER TABLE "token_families" ADD COLUMN "narrowed_from" text[];--> statement-breakpoint
ALTER TABLE "token_families" ADD COLUMN "narrowed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "token_families" ADD COLUMN "narrowed_by" "bytea";