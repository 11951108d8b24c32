ALTER TABLE "authorization_codes" ADD COLUMN "dpop_jkt" text;--> statement-breakpoint
ALTER TABLE "access_tokens" ADD COLUMN "dpop_jkt" text;--> statement-breakpoint
ALTER TABLE "token_families" ADD COLUMN "dpop_jkt" text;