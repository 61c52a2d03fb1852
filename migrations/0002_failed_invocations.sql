-- Lets an invocation end as failed on our side, and finds the intents of a run.
ALTER TABLE "invocations" DROP CONSTRAINT "invocations_outcome";--> statement-breakpoint
CREATE INDEX "intents_of_run" ON "intents" USING btree ("guild_id","run_id");--> statement-breakpoint
ALTER TABLE "invocations" ADD CONSTRAINT "invocations_outcome" CHECK (outcome in ('open', 'accepted', 'refused', 'failed'));
