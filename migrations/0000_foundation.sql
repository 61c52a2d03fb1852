-- Lays the tables: guilds and their settings, runs with their findings, invocations and intents, the trail, and the native identity database.
CREATE TABLE "acknowledgements" (
	"guild_id" text COLLATE "C" NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"run_id" text COLLATE "C" NOT NULL,
	"actor" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "acknowledgements_guild_id_kind_pk" PRIMARY KEY("guild_id","kind")
);
--> statement-breakpoint
CREATE TABLE "guilds" (
	"guild_id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"first_seen_at" timestamp (3) with time zone NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "overrides" (
	"guild_id" text COLLATE "C" NOT NULL,
	"member_id" text COLLATE "C" NOT NULL,
	"action" text NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"reason" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	CONSTRAINT "overrides_guild_id_member_id_pk" PRIMARY KEY("guild_id","member_id")
);
--> statement-breakpoint
CREATE TABLE "settings" (
	"guild_id" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"value" jsonb NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	CONSTRAINT "settings_guild_id_name_pk" PRIMARY KEY("guild_id","name")
);
--> statement-breakpoint
CREATE TABLE "truth_readings" (
	"guild_id" text COLLATE "C" NOT NULL,
	"source" text COLLATE "C" NOT NULL,
	"hour" timestamp (3) with time zone NOT NULL,
	"maxima" jsonb NOT NULL,
	"newest" jsonb NOT NULL,
	"accepted_by" text,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "truth_readings_guild_id_source_hour_pk" PRIMARY KEY("guild_id","source","hour")
);
--> statement-breakpoint
CREATE TABLE "identity_accounts" (
	"guild_id" text COLLATE "C" NOT NULL,
	"person_id" text COLLATE "C" NOT NULL,
	"account_id" text COLLATE "C" NOT NULL,
	"name" text NOT NULL,
	"organisation" text,
	"parent_organisation" text,
	"main" boolean NOT NULL,
	CONSTRAINT "identity_accounts_guild_id_person_id_account_id_pk" PRIMARY KEY("guild_id","person_id","account_id")
);
--> statement-breakpoint
CREATE TABLE "identity_groups" (
	"guild_id" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	CONSTRAINT "identity_groups_guild_id_name_pk" PRIMARY KEY("guild_id","name")
);
--> statement-breakpoint
CREATE TABLE "identity_imports" (
	"guild_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"counts" jsonb NOT NULL,
	"digest" text NOT NULL,
	CONSTRAINT "identity_imports_guild_id_id_pk" PRIMARY KEY("guild_id","id")
);
--> statement-breakpoint
CREATE TABLE "identity_links" (
	"guild_id" text COLLATE "C" NOT NULL,
	"discord_id" text COLLATE "C" NOT NULL,
	"person_id" text COLLATE "C" NOT NULL,
	CONSTRAINT "identity_links_guild_id_discord_id_person_id_pk" PRIMARY KEY("guild_id","discord_id","person_id")
);
--> statement-breakpoint
CREATE TABLE "identity_memberships" (
	"guild_id" text COLLATE "C" NOT NULL,
	"person_id" text COLLATE "C" NOT NULL,
	"group_name" text COLLATE "C" NOT NULL,
	CONSTRAINT "identity_memberships_guild_id_person_id_group_name_pk" PRIMARY KEY("guild_id","person_id","group_name")
);
--> statement-breakpoint
CREATE TABLE "identity_people" (
	"guild_id" text COLLATE "C" NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"username" text NOT NULL,
	"active" boolean NOT NULL,
	"superuser" boolean NOT NULL,
	"access" boolean NOT NULL,
	"state" text COLLATE "C",
	CONSTRAINT "identity_people_guild_id_id_pk" PRIMARY KEY("guild_id","id")
);
--> statement-breakpoint
CREATE TABLE "identity_reserved_names" (
	"guild_id" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	CONSTRAINT "identity_reserved_names_guild_id_name_pk" PRIMARY KEY("guild_id","name")
);
--> statement-breakpoint
CREATE TABLE "identity_states" (
	"guild_id" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	CONSTRAINT "identity_states_guild_id_name_pk" PRIMARY KEY("guild_id","name")
);
--> statement-breakpoint
CREATE TABLE "findings" (
	"guild_id" text COLLATE "C" NOT NULL,
	"run_id" text COLLATE "C" NOT NULL,
	"phase" text NOT NULL,
	"member_id" text COLLATE "C" NOT NULL,
	"identity_id" text COLLATE "C",
	"category" text NOT NULL,
	"policy_action" text NOT NULL,
	"decided_by" text NOT NULL,
	"gates" text[] NOT NULL,
	"effective_action" text NOT NULL,
	"kick" boolean NOT NULL,
	"remove_roles" text[] NOT NULL,
	"add_roles" text[] NOT NULL,
	"excess_roles" text[] NOT NULL,
	"missing_roles" text[] NOT NULL,
	"unreachable_roles" text[] NOT NULL,
	"outcome" text,
	CONSTRAINT "findings_guild_id_run_id_phase_member_id_pk" PRIMARY KEY("guild_id","run_id","phase","member_id"),
	CONSTRAINT "findings_phase" CHECK (phase in ('shown', 'planned'))
);
--> statement-breakpoint
CREATE TABLE "intents" (
	"guild_id" text COLLATE "C" NOT NULL,
	"id" uuid NOT NULL,
	"run_id" text COLLATE "C",
	"kind" text NOT NULL,
	"member_id" text COLLATE "C" NOT NULL,
	"role_id" text COLLATE "C" NOT NULL,
	"actor" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"settled_at" timestamp (3) with time zone,
	"outcome" text,
	"detail" text,
	"term" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "intents_guild_id_id_pk" PRIMARY KEY("guild_id","id"),
	CONSTRAINT "intents_settled" CHECK ((settled_at is null) = (outcome is null))
);
--> statement-breakpoint
CREATE TABLE "invocations" (
	"guild_id" text COLLATE "C" NOT NULL,
	"interaction_id" text COLLATE "C" NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"actor" text COLLATE "C" NOT NULL,
	"command" text NOT NULL,
	"subcommand" text,
	"options" jsonb NOT NULL,
	"outcome" text NOT NULL,
	"why" text,
	"run_id" text COLLATE "C",
	"counted" boolean NOT NULL,
	CONSTRAINT "invocations_guild_id_interaction_id_pk" PRIMARY KEY("guild_id","interaction_id"),
	CONSTRAINT "invocations_outcome" CHECK (outcome in ('open', 'accepted', 'refused'))
);
--> statement-breakpoint
CREATE TABLE "runs" (
	"guild_id" text COLLATE "C" NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"state" text NOT NULL,
	"trigger" text NOT NULL,
	"action" text NOT NULL,
	"actor" text NOT NULL,
	"may_destroy" boolean NOT NULL,
	"reason" text,
	"idempotency_key" text COLLATE "C" NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone,
	"problem" text,
	"roster_state" text,
	"truth" jsonb,
	"policy_digest" text,
	"plan_digest" text,
	"counts" jsonb,
	"blast" jsonb,
	"outcomes" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"ages" jsonb,
	CONSTRAINT "runs_guild_id_id_pk" PRIMARY KEY("guild_id","id"),
	CONSTRAINT "runs_state" CHECK (state in ('pending', 'running', 'completed', 'failed', 'interrupted', 'awaiting_approval', 'abandoned'))
);
--> statement-breakpoint
CREATE TABLE "trail" (
	"guild_id" text COLLATE "C" NOT NULL,
	"seq" bigint NOT NULL,
	"id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"type" text COLLATE "C" NOT NULL,
	"actor" text COLLATE "C" NOT NULL,
	"subject" text COLLATE "C" NOT NULL,
	"cause" text COLLATE "C",
	"run" text COLLATE "C",
	"data" jsonb NOT NULL,
	"prev_hash" text NOT NULL,
	"hash" text NOT NULL,
	CONSTRAINT "trail_guild_id_seq_pk" PRIMARY KEY("guild_id","seq"),
	CONSTRAINT "trail_guild_id" CHECK (guild_id = 'installation' or guild_id ~ '^[0-9]+$'),
	CONSTRAINT "trail_seq" CHECK (seq > 0)
);
--> statement-breakpoint
CREATE TABLE "trail_heads" (
	"guild_id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"seq" bigint NOT NULL,
	"hash" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "trail_texts" (
	"guild_id" text COLLATE "C" NOT NULL,
	"line_id" uuid NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"salt" text NOT NULL,
	"text" text NOT NULL,
	CONSTRAINT "trail_texts_guild_id_line_id_name_pk" PRIMARY KEY("guild_id","line_id","name")
);
--> statement-breakpoint
ALTER TABLE "identity_accounts" ADD CONSTRAINT "identity_accounts_of_person" FOREIGN KEY ("guild_id","person_id") REFERENCES "identity_people"("guild_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "identity_links" ADD CONSTRAINT "identity_links_of_person" FOREIGN KEY ("guild_id","person_id") REFERENCES "identity_people"("guild_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "identity_memberships" ADD CONSTRAINT "identity_memberships_of_person" FOREIGN KEY ("guild_id","person_id") REFERENCES "identity_people"("guild_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "findings" ADD CONSTRAINT "findings_of_run" FOREIGN KEY ("guild_id","run_id") REFERENCES "runs"("guild_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "identity_imports_newest" ON "identity_imports" USING btree ("guild_id","at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "identity_links_by_person" ON "identity_links" USING btree ("guild_id","person_id");--> statement-breakpoint
CREATE INDEX "identity_memberships_in_group" ON "identity_memberships" USING btree ("guild_id","group_name");--> statement-breakpoint
CREATE INDEX "findings_in_order" ON "findings" USING btree ("guild_id","run_id","phase",length(member_id),"member_id");--> statement-breakpoint
CREATE INDEX "intents_open" ON "intents" USING btree ("guild_id","at") WHERE settled_at is null;--> statement-breakpoint
CREATE INDEX "intents_of_member" ON "intents" USING btree ("guild_id","member_id","at");--> statement-breakpoint
CREATE INDEX "invocations_of_actor" ON "invocations" USING btree ("guild_id","actor","at");--> statement-breakpoint
CREATE UNIQUE INDEX "runs_idempotency" ON "runs" USING btree ("guild_id","idempotency_key");--> statement-breakpoint
CREATE UNIQUE INDEX "runs_one_under_way" ON "runs" USING btree ("guild_id") WHERE state in ('pending', 'running');--> statement-breakpoint
CREATE INDEX "runs_newest" ON "runs" USING btree ("guild_id","started_at" DESC NULLS LAST);--> statement-breakpoint
CREATE UNIQUE INDEX "trail_id" ON "trail" USING btree ("id");--> statement-breakpoint
CREATE INDEX "trail_of_subject" ON "trail" USING btree ("guild_id","subject","seq");--> statement-breakpoint
CREATE INDEX "trail_of_run" ON "trail" USING btree ("guild_id","run","seq");--> statement-breakpoint
CREATE INDEX "trail_in_time" ON "trail" USING btree ("guild_id","at");
