-- Keeps how far each sink has got with the record, and by what name others know this installation.
CREATE TABLE "installations" (
	"guild_id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"id" uuid NOT NULL,
	CONSTRAINT "installations_one" CHECK (guild_id = 'installation')
);
--> statement-breakpoint
CREATE TABLE "parked_lines" (
	"guild_id" text COLLATE "C" NOT NULL,
	"sink" text COLLATE "C" NOT NULL,
	"seq" bigint NOT NULL,
	"line_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"wanted_at" timestamp (3) with time zone,
	CONSTRAINT "parked_lines_guild_id_sink_seq_pk" PRIMARY KEY("guild_id","sink","seq")
);
--> statement-breakpoint
CREATE TABLE "sink_cursors" (
	"guild_id" text COLLATE "C" NOT NULL,
	"sink" text COLLATE "C" NOT NULL,
	"seq" bigint NOT NULL,
	"delivered_at" timestamp (3) with time zone,
	CONSTRAINT "sink_cursors_guild_id_sink_pk" PRIMARY KEY("guild_id","sink"),
	CONSTRAINT "sink_cursors_seq" CHECK (seq >= 0)
);
--> statement-breakpoint
CREATE TABLE "sink_states" (
	"guild_id" text COLLATE "C" NOT NULL,
	"sink" text COLLATE "C" NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"off_since" timestamp (3) with time zone,
	"off_why" text,
	"trouble" text,
	"troubled_since" timestamp (3) with time zone,
	"retried_at" timestamp (3) with time zone,
	CONSTRAINT "sink_states_guild_id_sink_pk" PRIMARY KEY("guild_id","sink")
);

--> statement-breakpoint
INSERT INTO "installations" ("guild_id", "id") VALUES ('installation', gen_random_uuid());
