CREATE TABLE "deployment" (
	"is_one" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"issuer" text NOT NULL,
	"confirmed_at" timestamp with time zone NOT NULL,
	CONSTRAINT "deployment_is_one" CHECK ("deployment"."is_one")
);