-- Keeps the signed checkpoints of the record, which are as final as its lines.
CREATE TABLE "trail_checkpoints" (
	"guild_id" text COLLATE "C" NOT NULL,
	"size" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"head" text NOT NULL,
	"peaks" text NOT NULL,
	"note" text NOT NULL,
	CONSTRAINT "trail_checkpoints_guild_id_size_pk" PRIMARY KEY("guild_id","size"),
	CONSTRAINT "trail_checkpoints_size" CHECK (size > 0)
);
--> statement-breakpoint
CREATE TRIGGER "trail_checkpoints_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "trail_checkpoints"
  FOR EACH STATEMENT EXECUTE FUNCTION "trail_refuse"();
