CREATE TABLE "authenticators" (
	"aaguid" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL
);
