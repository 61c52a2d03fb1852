-- Remembers how far each anchor has been given the signed checkpoints of the record, so that none is left out and the next start goes on from there.
CREATE TABLE "trail_anchors" (
	"guild_id" text COLLATE "C" NOT NULL,
	"anchor" text COLLATE "C" NOT NULL,
	"size" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"failing_since" timestamp (3) with time zone,
	"problem" text,
	CONSTRAINT "trail_anchors_guild_id_anchor_pk" PRIMARY KEY("guild_id","anchor")
);
