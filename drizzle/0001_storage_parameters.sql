-- Room on each page, so that stamping a row (used, seen, revoked) rewrites it where it is.
ALTER TABLE "access_tokens" SET (fillfactor = 90);--> statement-breakpoint
ALTER TABLE "refresh_tokens" SET (fillfactor = 90);--> statement-breakpoint
ALTER TABLE "authorization_codes" SET (fillfactor = 90);
