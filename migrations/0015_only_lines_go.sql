-- Takes out of the removal of old lines what was meant for a table beside them, which there is none of: the history of roles is the lines themselves.
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
