-- Keeps the lines of the last days whatever is signed over them, so that whoever takes over the bot cannot remove the traces of it, and lets what is derived from a line go with it.
CREATE OR REPLACE FUNCTION "trail_cut"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT FROM (SELECT guild_id, max(seq) AS last, max(at) AS newest FROM gone GROUP BY guild_id) AS g
      WHERE g.last > coalesce(trail_removable(g.guild_id), 0) OR g.newest > now() - interval '6 days'
  ) THEN
    RAISE EXCEPTION 'DELETE on trail is refused: the trail is append-only.'
      USING ERRCODE = 'restrict_violation', HINT = 'Only lines under a signed checkpoint are removed, by trail_truncate().';
  END IF;
  RETURN NULL;
END
$$;
--> statement-breakpoint
-- The days are one fewer than the fewest that can be set to be kept: the clocks of two machines differ.
CREATE OR REPLACE FUNCTION "trail_truncate"(chain text, at_most integer) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
  up_to bigint := trail_removable(chain);
  last bigint;
  removed bigint;
BEGIN
  IF up_to IS NULL THEN
    RAISE EXCEPTION 'No line of the chain % may be removed: there is no truncation of it under a signed checkpoint.', chain
      USING ERRCODE = 'restrict_violation';
  END IF;
  SELECT max(seq) INTO last FROM (
    SELECT seq FROM trail WHERE guild_id = chain AND seq <= up_to ORDER BY seq LIMIT least(greatest(at_most, 0), 10000)
  ) AS oldest;
  SELECT coalesce(min(seq) - 1, last) INTO last FROM trail
    WHERE guild_id = chain AND seq <= last AND at > now() - interval '6 days';
  DELETE FROM trail_texts WHERE guild_id = chain
    AND line_id = ANY (ARRAY(SELECT id FROM trail WHERE guild_id = chain AND seq <= last));
  DELETE FROM trail WHERE guild_id = chain AND seq <= last;
  GET DIAGNOSTICS removed = ROW_COUNT;
  IF (SELECT count(*) FROM pg_attribute WHERE attrelid = to_regclass('role_history') AND attname IN ('guild_id', 'seq')) = 2 THEN
    EXECUTE 'DELETE FROM role_history WHERE guild_id = $1 AND seq <= $2' USING chain, last;
  END IF;
  RETURN removed;
END
$$;
--> statement-breakpoint
-- To replace a function takes away where it looks for tables.
DO $$
BEGIN
  EXECUTE format('ALTER FUNCTION trail_truncate(text, integer) SET search_path = %I, pg_temp', current_schema());
END
$$;
