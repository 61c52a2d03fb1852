-- Makes the record append-only by the database itself: lines are never changed or taken away, texts of people may only be erased, and a chain's head only moves forward.
CREATE FUNCTION "trail_refuse"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% on % is refused: the trail is append-only.', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'restrict_violation', HINT = 'Write a new line that says what is so now.';
END
$$;
--> statement-breakpoint
CREATE TRIGGER "trail_append_only" BEFORE UPDATE OR DELETE OR TRUNCATE ON "trail"
  FOR EACH STATEMENT EXECUTE FUNCTION "trail_refuse"();
--> statement-breakpoint
CREATE TRIGGER "trail_texts_erase_only" BEFORE UPDATE OR TRUNCATE ON "trail_texts"
  FOR EACH STATEMENT EXECUTE FUNCTION "trail_refuse"();
--> statement-breakpoint
CREATE TRIGGER "trail_heads_stay" BEFORE DELETE OR TRUNCATE ON "trail_heads"
  FOR EACH STATEMENT EXECUTE FUNCTION "trail_refuse"();
--> statement-breakpoint
CREATE FUNCTION "trail_head_forward"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.guild_id <> OLD.guild_id OR NEW.seq <= OLD.seq THEN
    RAISE EXCEPTION 'UPDATE on trail_heads is refused: the head of a chain only moves forward.'
      USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "trail_heads_forward" BEFORE UPDATE ON "trail_heads"
  FOR EACH ROW EXECUTE FUNCTION "trail_head_forward"();
