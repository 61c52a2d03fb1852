-- Lets findings go with their run by a trigger: a foreign key was looked up for each of up to a million findings that a run stores.
ALTER TABLE "findings" DROP CONSTRAINT "findings_of_run";
--> statement-breakpoint
CREATE FUNCTION "findings_go_with_their_run"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM "findings" f USING "gone" g WHERE f.guild_id = g.guild_id AND f.run_id = g.id;
  RETURN NULL;
END
$$;
--> statement-breakpoint
CREATE TRIGGER "findings_go_with_their_run" AFTER DELETE ON "runs" REFERENCING OLD TABLE AS "gone"
  FOR EACH STATEMENT EXECUTE FUNCTION "findings_go_with_their_run"();
