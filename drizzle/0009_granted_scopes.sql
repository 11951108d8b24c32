ALTER TABLE "token_families" ADD COLUMN "granted_scopes" text[];--> statement-breakpoint
CREATE INDEX "scopes_name" ON "scopes" USING btree ("name");