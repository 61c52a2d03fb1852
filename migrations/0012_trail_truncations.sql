-- Lets the oldest lines of a chain go once a signed checkpoint over them is kept as what they were: by one function, which takes nothing else away.
CREATE TABLE "trail_truncations" (
	"guild_id" text COLLATE "C" NOT NULL,
	"size" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"actor" text COLLATE "C" NOT NULL,
	"removed" bigint NOT NULL,
	"head" text NOT NULL,
	"peaks" text NOT NULL,
	"note" text NOT NULL,
	CONSTRAINT "trail_truncations_guild_id_size_pk" PRIMARY KEY("guild_id","size"),
	CONSTRAINT "trail_truncations_removed" CHECK (removed > 0)
);
--> statement-breakpoint
-- Whoever wants lines removed has to have signed for them first, and what stands after them has to be there.
CREATE FUNCTION "trail_truncation_stands"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM trail_checkpoints c JOIN trail l ON l.guild_id = c.guild_id AND l.seq = c.size AND l.hash = c.head
      WHERE c.guild_id = NEW.guild_id AND c.size = NEW.size AND c.head = NEW.head AND c.peaks = NEW.peaks AND c.note = NEW.note
  ) OR EXISTS (SELECT FROM trail_truncations t WHERE t.guild_id = NEW.guild_id AND t.size >= NEW.size) THEN
    RAISE EXCEPTION 'INSERT on trail_truncations is refused: there is no such checkpoint over lines that are still there.'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "trail_truncation_stands" BEFORE INSERT ON "trail_truncations"
  FOR EACH ROW EXECUTE FUNCTION "trail_truncation_stands"();
--> statement-breakpoint
CREATE TRIGGER "trail_truncations_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "trail_truncations"
  FOR EACH STATEMENT EXECUTE FUNCTION "trail_refuse"();
--> statement-breakpoint
-- Up to where the lines of a chain may be removed; null: nowhere.
CREATE FUNCTION "trail_removable"(chain text) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT max(t.size) FROM trail_truncations t
    JOIN trail_checkpoints c ON c.guild_id = t.guild_id AND c.size = t.size AND c.head = t.head AND c.note = t.note
    WHERE t.guild_id = chain
$$;
--> statement-breakpoint
CREATE FUNCTION "trail_cut"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM (SELECT guild_id, max(seq) AS last FROM gone GROUP BY guild_id) AS g
      WHERE g.last > coalesce(trail_removable(g.guild_id), 0)
  ) THEN
    RAISE EXCEPTION 'DELETE on trail is refused: the trail is append-only.'
      USING ERRCODE = 'restrict_violation', HINT = 'Only lines under a signed checkpoint are removed, by trail_truncate().';
  END IF;
  RETURN NULL;
END
$$;
--> statement-breakpoint
DROP TRIGGER "trail_append_only" ON "trail";
--> statement-breakpoint
CREATE TRIGGER "trail_append_only" BEFORE UPDATE OR TRUNCATE ON "trail"
  FOR EACH STATEMENT EXECUTE FUNCTION "trail_refuse"();
--> statement-breakpoint
CREATE TRIGGER "trail_cut" AFTER DELETE ON "trail" REFERENCING OLD TABLE AS "gone"
  FOR EACH STATEMENT EXECUTE FUNCTION "trail_cut"();
--> statement-breakpoint
-- Removes the oldest lines of a chain, with the texts that they had, and returns how many: at most so many at once, and none above its newest truncation.
-- It has the rights of whoever owns the tables, so that the bot's own role needs none to delete.
CREATE FUNCTION "trail_truncate"(chain text, at_most integer) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  up_to bigint := trail_removable(chain);
  removed bigint;
BEGIN
  IF up_to IS NULL THEN
    RAISE EXCEPTION 'No line of the chain % may be removed: there is no truncation of it under a signed checkpoint.', chain
      USING ERRCODE = 'restrict_violation';
  END IF;
  WITH old AS (
    SELECT seq FROM trail WHERE guild_id = chain AND seq <= up_to ORDER BY seq LIMIT least(greatest(at_most, 0), 10000)
  ), gone AS (
    DELETE FROM trail l USING old WHERE l.guild_id = chain AND l.seq = old.seq RETURNING l.id
  ), texts AS (
    DELETE FROM trail_texts t USING gone WHERE t.guild_id = chain AND t.line_id = gone.id
  )
  SELECT count(*) INTO removed FROM gone;
  RETURN removed;
END
$$;
--> statement-breakpoint
REVOKE EXECUTE ON FUNCTION "trail_truncate"(text, integer) FROM PUBLIC;
--> statement-breakpoint
DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION trail_truncate(text, integer) SET search_path = %I, pg_temp', current_schema());
END
$$;
