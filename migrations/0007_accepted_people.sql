-- Keeps who an identity source knew when it was last accepted, so that it can be said who is missing since.
CREATE TABLE "accepted_people" (
	"guild_id" text COLLATE "C" NOT NULL,
	"source" text COLLATE "C" NOT NULL,
	"part" integer NOT NULL,
	"packed" bytea NOT NULL,
	CONSTRAINT "accepted_people_guild_id_source_part_pk" PRIMARY KEY("guild_id","source","part")
);
--> statement-breakpoint
CREATE TABLE "accepted_snapshots" (
	"guild_id" text COLLATE "C" NOT NULL,
	"source" text COLLATE "C" NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"people" integer NOT NULL,
	"digest" text NOT NULL,
	CONSTRAINT "accepted_snapshots_guild_id_source_pk" PRIMARY KEY("guild_id","source")
);
--> statement-breakpoint
ALTER TABLE "accepted_people" ADD CONSTRAINT "accepted_people_of_snapshot" FOREIGN KEY ("guild_id","source") REFERENCES "accepted_snapshots"("guild_id","source") ON DELETE cascade ON UPDATE no action;