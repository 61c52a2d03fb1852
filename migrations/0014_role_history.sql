-- Gives each way in which the history of roles is asked about an index over its lines alone.
CREATE INDEX "role_history_of_member" ON "trail" USING btree ("guild_id","subject","at","seq") WHERE type in ('role.added', 'role.removed');--> statement-breakpoint
CREATE INDEX "role_history_of_role" ON "trail" USING btree ("guild_id",(data ->> 'role'),"at","seq") WHERE type in ('role.added', 'role.removed');--> statement-breakpoint
CREATE INDEX "role_history_of_actor" ON "trail" USING btree ("guild_id","actor","at","seq") WHERE type in ('role.added', 'role.removed');--> statement-breakpoint
CREATE INDEX "role_history_in_scope" ON "trail" USING btree ("guild_id",(data ->> 'scope') collate "C","at","seq") WHERE type in ('role.added', 'role.removed');--> statement-breakpoint
CREATE INDEX "role_history_in_time" ON "trail" USING btree ("guild_id","at","seq") WHERE type in ('role.added', 'role.removed');