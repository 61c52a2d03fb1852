import type { REST } from '@discordjs/rest'
import { type APIApplicationCommandAutocompleteInteraction, InteractionResponseType, Routes } from 'discord.js'
import { oneLine } from '#src/core/text.ts'
import type { Log } from '#src/telemetry/log.ts'
import type { After } from './answer.ts'
import { toTyping } from './asking.ts'
import type { Command, CommandWorld, Offer } from './command.ts'
import { cutUnits } from './cut.ts'
import { toFault } from './faults.ts'
import { mayDo, neededFor, type RightsWorld, toAsker } from './rights.ts'

export interface OfferingWorld extends RightsWorld {
  readonly rest: REST
  readonly world: CommandWorld
  readonly log: Log
  readonly after: After
}

type Typed = APIApplicationCommandAutocompleteInteraction

/** Discord waits 3 s, and the person for every letter: what takes longer is no longer wanted. */
const WITHIN_MS = 2_000
/** Offers being looked for in all guilds. Each letter is an interaction; beyond this they go without. */
const MOST = 200
/** Discord's limits for offers (docs, "Application Command Option Choice Structure"). */
const LIMITS = { offers: 25, name: 100, value: 100 } as const

/** Offers words to people who type, to those who may give the command. It writes nothing down, and where it fails there is nothing to choose from. */
export class Offering {
  readonly #world: OfferingWorld
  readonly #underWay = new Set<Promise<void>>()

  constructor(world: OfferingWorld) {
    this.#world = world
  }

  /** Returns at once and never throws. `command` is undefined where there is none of that name. */
  take(raw: Typed, command: Command | undefined): void {
    if (this.#underWay.size >= MOST) return
    const work = this.#serve(raw, command)
    this.#underWay.add(work)
    void work.finally(() => this.#underWay.delete(work))
  }

  async settled(): Promise<void> {
    await Promise.all(this.#underWay)
  }

  async #serve(raw: Typed, command: Command | undefined): Promise<void> {
    const { rest, after, log } = this.#world
    const { promise: late, resolve } = Promise.withResolvers<readonly Offer[]>()
    const callOff = after(WITHIN_MS, () => resolve([]))
    const found = command ? this.#find(raw, command) : []
    const choices = toChoices(await Promise.race([found, late]))
    callOff()
    const body = { type: InteractionResponseType.ApplicationCommandAutocompleteResult, data: { choices } }
    await rest
      .post(Routes.interactionCallback(raw.id, raw.token), { auth: false, body })
      .catch((error: unknown) =>
        log.debug({ fault: toFault(error, 'offering words').message }, 'Offers did not get through.'),
      )
  }

  async #find(raw: Typed, command: Command): Promise<readonly Offer[]> {
    try {
      const typing = toTyping(command, raw)
      if (!typing || !command.complete) return []
      const needed = neededFor(command, typing.subcommand)
      if (!(await mayDo(needed, toAsker(raw, typing.guildId, needed, this.#world), this.#world))) return []
      return await command.complete(typing, this.#world.world)
    } catch (error) {
      this.#world.log.warn({ error, interactionId: raw.id, command: command.name }, 'Offers could not be made.')
      return []
    }
  }
}

/** A value that is too long would come back as another one, so it is left out. */
function toChoices(offers: readonly Offer[]): readonly Offer[] {
  const sound = offers.filter(({ value }) => value.length > 0 && value.length <= LIMITS.value && value.isWellFormed())
  const named = sound.map(({ name, value }) => ({ name: shownName(name), value }))
  return named.filter(({ name }) => name !== '').slice(0, LIMITS.offers)
}

function shownName(name: string): string {
  const line = oneLine(name).trim()
  return line.length <= LIMITS.name ? line : `${cutUnits(line, LIMITS.name - 1)}…`
}
