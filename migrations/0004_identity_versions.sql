-- Gives the people of each guild a version that the database itself renews with every change to them, so that counts once made are known to be still true, and tells the planner what these tables are like.
CREATE TABLE "identity_versions" (
	"guild_id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"version" uuid NOT NULL
);
--> statement-breakpoint
-- Whoever writes waits here for whoever wrote before, in whichever guild, while no row is held yet: of two who wait for each other's rows one would fail.
CREATE FUNCTION "identity_in_turn"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(7265438202);
  RETURN NULL;
END
$$;
--> statement-breakpoint
-- One new version a transaction is enough, since nobody else sees what lies between; thousands would be thousands of dead rows.
-- It is made with the rights of whoever owns the tables, for whoever may change people, wherever their session looks for tables.
CREATE FUNCTION "identity_changed"() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  guilds text[];
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    guilds := ARRAY(SELECT guild_id FROM identity_versions);
  ELSIF TG_LEVEL = 'ROW' THEN
    guilds := CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.guild_id] WHEN 'DELETE' THEN ARRAY[OLD.guild_id] ELSE ARRAY[OLD.guild_id, NEW.guild_id] END;
  ELSIF TG_OP = 'INSERT' THEN
    guilds := ARRAY(SELECT DISTINCT guild_id FROM new_rows);
  ELSIF TG_OP = 'DELETE' THEN
    guilds := ARRAY(SELECT DISTINCT guild_id FROM old_rows);
  ELSE
    guilds := ARRAY(SELECT guild_id FROM old_rows UNION SELECT guild_id FROM new_rows);
  END IF;
  INSERT INTO identity_versions AS known (guild_id, version)
    SELECT guild_id, gen_random_uuid() FROM (SELECT DISTINCT unnest(guilds) AS guild_id) AS changed ORDER BY guild_id
    ON CONFLICT (guild_id) DO UPDATE SET version = excluded.version WHERE known.xmin <> pg_current_xact_id()::xid;
  RETURN NULL;
END
$$;
--> statement-breakpoint
-- What comes by a logical subscription comes row by row, without statements: the last trigger is for that and fires for nothing else.
DO $$
DECLARE
  name text;
BEGIN
  EXECUTE format('ALTER FUNCTION identity_changed() SET search_path = %I, pg_temp', current_schema());
  FOREACH name IN ARRAY ARRAY['groups', 'states', 'reserved_names', 'people', 'memberships', 'links'] LOOP
    EXECUTE format($triggers$
      CREATE TRIGGER identity_in_turn BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON %1$I
        FOR EACH STATEMENT EXECUTE FUNCTION identity_in_turn();
      CREATE TRIGGER identity_inserted AFTER INSERT ON %1$I REFERENCING NEW TABLE AS new_rows
        FOR EACH STATEMENT EXECUTE FUNCTION identity_changed();
      CREATE TRIGGER identity_updated AFTER UPDATE ON %1$I REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
        FOR EACH STATEMENT EXECUTE FUNCTION identity_changed();
      CREATE TRIGGER identity_deleted AFTER DELETE ON %1$I REFERENCING OLD TABLE AS old_rows
        FOR EACH STATEMENT EXECUTE FUNCTION identity_changed();
      CREATE TRIGGER identity_truncated AFTER TRUNCATE ON %1$I
        FOR EACH STATEMENT EXECUTE FUNCTION identity_changed();
      CREATE TRIGGER identity_replicated AFTER INSERT OR UPDATE OR DELETE ON %1$I
        FOR EACH ROW EXECUTE FUNCTION identity_changed();
      ALTER TABLE %1$I
        ENABLE ALWAYS TRIGGER identity_in_turn, ENABLE ALWAYS TRIGGER identity_inserted, ENABLE ALWAYS TRIGGER identity_updated,
        ENABLE ALWAYS TRIGGER identity_deleted, ENABLE ALWAYS TRIGGER identity_truncated, ENABLE REPLICA TRIGGER identity_replicated;
      $triggers$, 'identity_' || name);
  END LOOP;
END
$$;
--> statement-breakpoint
-- The version of a guild's people at the moment of the statement that asks (so it must be STABLE). Null where not every change is noticed: triggers are off,
-- another table stands in the place of one, or a restore is under way. That triggers were off for a while counts as a change.
CREATE FUNCTION "identity_version"(guild text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
  RETURN (
    SELECT known.version || '/' || guards.changes
    FROM identity_versions AS known, (
      SELECT count(*) AS n, sum(xmin::text::bigint) AS changes FROM pg_trigger
      WHERE tgrelid IN ('identity_groups'::regclass, 'identity_states'::regclass, 'identity_reserved_names'::regclass,
          'identity_people'::regclass, 'identity_memberships'::regclass, 'identity_links'::regclass)
        AND (tgenabled = 'A' AND tgname IN ('identity_in_turn', 'identity_inserted', 'identity_updated', 'identity_deleted', 'identity_truncated')
          OR tgenabled = 'R' AND tgname = 'identity_replicated')
    ) AS guards
    WHERE known.guild_id = guild AND guards.n = 36
  );
END
$$;
--> statement-breakpoint
INSERT INTO "identity_versions" ("guild_id", "version")
  SELECT "guild_id", gen_random_uuid() FROM (
    SELECT "guild_id" FROM "identity_groups" UNION SELECT "guild_id" FROM "identity_states" UNION SELECT "guild_id" FROM "identity_reserved_names"
    UNION SELECT "guild_id" FROM "identity_people"
  ) AS known;
--> statement-breakpoint
-- How many rows share a value, said once and for all: what was last counted in a table that was nearly empty then would send the planner through all of it.
ALTER TABLE "identity_people" ALTER COLUMN "guild_id" SET (n_distinct = 1), ALTER COLUMN "id" SET (n_distinct = -1);--> statement-breakpoint
ALTER TABLE "identity_memberships" ALTER COLUMN "guild_id" SET (n_distinct = 1), ALTER COLUMN "person_id" SET (n_distinct = -0.1);--> statement-breakpoint
ALTER TABLE "identity_links" ALTER COLUMN "guild_id" SET (n_distinct = 1), ALTER COLUMN "discord_id" SET (n_distinct = -0.9), ALTER COLUMN "person_id" SET (n_distinct = -0.9);--> statement-breakpoint
DO $$
BEGIN
  IF EXISTS (SELECT FROM identity_people) THEN
    ANALYZE identity_people, identity_memberships, identity_links;
  END IF;
END
$$;
