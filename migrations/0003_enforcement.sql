-- Lays what acting by itself needs: purposes and deadlines of runs, bulk acts and kicks, approvals, retries, quarantine, contests, grants, capabilities, arrangements, the schedule, orders from the console, and the term of whoever acts.
CREATE TABLE "approvals" (
	"guild_id" text COLLATE "C" NOT NULL,
	"digest" text COLLATE "C" NOT NULL,
	"run_id" text COLLATE "C" NOT NULL,
	"actor" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "approvals_guild_id_digest_pk" PRIMARY KEY("guild_id","digest")
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"guild_id" text COLLATE "C" NOT NULL,
	"key" text COLLATE "C" NOT NULL,
	"run_id" text COLLATE "C" NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "idempotency_keys_guild_id_key_pk" PRIMARY KEY("guild_id","key")
);
--> statement-breakpoint
CREATE TABLE "orders" (
	"guild_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"command" text NOT NULL,
	"subcommand" text,
	"options" jsonb NOT NULL,
	"state" text NOT NULL,
	"reply" jsonb,
	"refused" boolean DEFAULT false NOT NULL,
	"seen_at" timestamp (3) with time zone,
	CONSTRAINT "orders_guild_id_id_pk" PRIMARY KEY("guild_id","id"),
	CONSTRAINT "orders_state" CHECK (state in ('waiting', 'taken', 'answered', 'given_up'))
);
--> statement-breakpoint
CREATE TABLE "retries" (
	"guild_id" text COLLATE "C" NOT NULL,
	"member_id" text COLLATE "C" NOT NULL,
	"run_id" text COLLATE "C" NOT NULL,
	"tries" integer NOT NULL,
	"not_before" timestamp (3) with time zone NOT NULL,
	"detail" text,
	CONSTRAINT "retries_guild_id_member_id_pk" PRIMARY KEY("guild_id","member_id")
);
--> statement-breakpoint
CREATE TABLE "arrangements" (
	"guild_id" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"value" jsonb NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	CONSTRAINT "arrangements_guild_id_name_pk" PRIMARY KEY("guild_id","name")
);
--> statement-breakpoint
CREATE TABLE "blindness" (
	"guild_id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"source" text NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"why" jsonb NOT NULL,
	"problem" text
);
--> statement-breakpoint
CREATE TABLE "capability_grants" (
	"guild_id" text COLLATE "C" NOT NULL,
	"capability" text COLLATE "C" NOT NULL,
	"role_id" text COLLATE "C" NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	CONSTRAINT "capability_grants_guild_id_capability_role_id_pk" PRIMARY KEY("guild_id","capability","role_id")
);
--> statement-breakpoint
CREATE TABLE "contests" (
	"guild_id" text COLLATE "C" NOT NULL,
	"member_id" text COLLATE "C" NOT NULL,
	"role_id" text COLLATE "C" NOT NULL,
	"grantor_id" text COLLATE "C",
	"times" integer NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "contests_guild_id_member_id_role_id_pk" PRIMARY KEY("guild_id","member_id","role_id")
);
--> statement-breakpoint
CREATE TABLE "grants" (
	"guild_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"member_id" text COLLATE "C" NOT NULL,
	"role_id" text COLLATE "C" NOT NULL,
	"grantor_id" text COLLATE "C",
	"by" text NOT NULL,
	CONSTRAINT "grants_guild_id_id_pk" PRIMARY KEY("guild_id","id")
);
--> statement-breakpoint
CREATE TABLE "leadership" (
	"guild_id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"term" bigint NOT NULL,
	"holder" uuid NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"beat_at" timestamp (3) with time zone NOT NULL,
	"held" boolean NOT NULL
);
--> statement-breakpoint
CREATE TABLE "quarantines" (
	"guild_id" text COLLATE "C" NOT NULL,
	"what" text COLLATE "C" NOT NULL,
	"detail" text NOT NULL,
	"run_id" text COLLATE "C",
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "quarantines_guild_id_what_pk" PRIMARY KEY("guild_id","what")
);
--> statement-breakpoint
CREATE TABLE "schedule_slots" (
	"guild_id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"expression" text NOT NULL,
	"next_at" timestamp (3) with time zone NOT NULL,
	"last_started_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "subscriptions" (
	"guild_id" text COLLATE "C" NOT NULL,
	"member_id" text COLLATE "C" NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "subscriptions_guild_id_member_id_pk" PRIMARY KEY("guild_id","member_id")
);
--> statement-breakpoint
DROP INDEX "runs_idempotency";--> statement-breakpoint
DROP INDEX "intents_of_run";--> statement-breakpoint
DROP INDEX "runs_one_under_way";--> statement-breakpoint
ALTER TABLE "intents" ALTER COLUMN "role_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "intents" ADD COLUMN "role_ids" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "intents" ADD COLUMN "destroys" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "intents" ADD COLUMN "unattended" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "purpose" text DEFAULT 'audit' NOT NULL;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "cause" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "only_member" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "only_role" text COLLATE "C";--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "deadline_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "idempotency_keys_expiry" ON "idempotency_keys" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "orders_waiting" ON "orders" USING btree ("at") WHERE state = 'waiting';--> statement-breakpoint
CREATE INDEX "retries_due" ON "retries" USING btree ("not_before");--> statement-breakpoint
CREATE INDEX "grants_by_grantor" ON "grants" USING btree ("guild_id","grantor_id","at");--> statement-breakpoint
CREATE INDEX "grants_of_member" ON "grants" USING btree ("guild_id","member_id","role_id","at");--> statement-breakpoint
CREATE INDEX "intents_unattended" ON "intents" USING btree ("guild_id","at") WHERE unattended and destroys;--> statement-breakpoint
CREATE UNIQUE INDEX "runs_one_live" ON "runs" USING btree ("guild_id") WHERE state in ('pending', 'running') and purpose = 'live';--> statement-breakpoint
CREATE INDEX "runs_under_way" ON "runs" USING btree ("guild_id") WHERE state in ('pending', 'running');--> statement-breakpoint
CREATE INDEX "intents_of_run" ON "intents" USING btree ("guild_id","run_id","at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "runs_one_under_way" ON "runs" USING btree ("guild_id") WHERE state in ('pending', 'running') and purpose in ('audit', 'undo');--> statement-breakpoint
ALTER TABLE "runs" ADD CONSTRAINT "runs_purpose" CHECK (purpose in ('audit', 'group', 'live', 'undo', 'retry'));