-- Keeps whose accounts are by the word of a person, where the identity source does not say it itself.
CREATE TABLE "manual_links" (
	"guild_id" text COLLATE "C" NOT NULL,
	"discord_id" text COLLATE "C" NOT NULL,
	"identity_id" text COLLATE "C" NOT NULL,
	"reason" text NOT NULL,
	"actor" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "manual_links_guild_id_discord_id_pk" PRIMARY KEY("guild_id","discord_id")
);
--> statement-breakpoint
CREATE INDEX "manual_links_of_identity" ON "manual_links" USING btree ("guild_id","identity_id");