import type { FastifyInstance } from 'fastify'
import type { CommandRecord } from '../commands.ts'
import type { Json } from '../payloads.ts'
import type { Id } from '../snowflake.ts'
import { checkCommand, checkCommands } from './command-form.ts'
import { fault } from './errors.ts'
import { Form } from './form.ts'
import { findGuild } from './reach.ts'
import type { RestWorld } from './world.ts'

interface Params {
  readonly application_id: Id
  readonly guild_id?: Id
  readonly command_id: Id
}

export function commandRoutes(app: FastifyInstance, world: RestWorld): void {
  for (const base of [
    '/applications/:application_id/commands',
    '/applications/:application_id/guilds/:guild_id/commands',
  ]) {
    app.get<{ Params: Params }>(base, ({ params }) => world.commands.list(shelfOf(world, params)))

    app.put<{ Params: Params; Body: Json[] | null }>(base, ({ params, body }) => {
      const shelf = shelfOf(world, params)
      const form = new Form()
      checkCommands(form, body ?? [], [])
      form.finish()
      return world.commands.replace(shelf, body ?? []).map((command) => answer(world, command))
    })

    app.post<{ Params: Params; Body: Json }>(base, ({ params, body }, reply) => {
      const shelf = shelfOf(world, params)
      const form = new Form()
      checkCommand(form, body ?? {}, [])
      form.finish()
      const { command, fresh } = world.commands.upsert(shelf, body)
      return reply.code(fresh ? 201 : 200).send(answer(world, command))
    })

    app.delete<{ Params: Params }>(`${base}/:command_id`, ({ params }, reply) => {
      if (!world.commands.remove(shelfOf(world, params), params.command_id)) throw fault('unknownCommand')
      return reply.code(204).send()
    })
  }
}

function shelfOf(world: RestWorld, { application_id, guild_id }: Params): Id | null {
  if (application_id !== world.application.id) throw fault('unknownApplication')
  return guild_id === undefined ? null : findGuild(world, guild_id).id
}

function answer({ slips }: RestWorld, command: CommandRecord): Json {
  const { id, ...rest } = command
  return slips.commandsWithoutIds ? rest : { id, ...rest }
}
