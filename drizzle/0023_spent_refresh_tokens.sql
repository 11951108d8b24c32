CREATE TABLE "spent_refresh_tokens" (
	"digest" "bytea" PRIMARY KEY NOT NULL,
	"family_id" uuid NOT NULL,
	"expires_on" date NOT NULL
);
--> statement-breakpoint
CREATE INDEX "spent_refresh_tokens_expiry" ON "spent_refresh_tokens" USING btree ("expires_on");