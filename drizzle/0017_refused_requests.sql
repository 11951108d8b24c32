CREATE TABLE "refused_requests" (
	"hour" timestamp with time zone NOT NULL,
	"bucket" "bytea" NOT NULL,
	"endpoint" text NOT NULL,
	"client_id" text,
	"known" boolean NOT NULL,
	"error" text NOT NULL,
	"reason" text NOT NULL,
	"said" text,
	"user_agent" text,
	"count" integer DEFAULT 1 NOT NULL,
	"last_at" timestamp with time zone NOT NULL,
	"request_ids" text[] NOT NULL,
	CONSTRAINT "refused_requests_hour_bucket_pk" PRIMARY KEY("hour","bucket")
);
