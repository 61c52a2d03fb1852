import type { MemberColumns } from '#src/core/columns.ts'
import { FLAG_BOT } from '#src/core/columns.ts'
import { toId } from '#src/core/ids.ts'
import type { Guild, Id, Member } from '#src/core/model.ts'
import type { LoggedRoleChange } from '#src/core/notice.ts'
import { type Act, type RosterState, rolesOfAct } from '#src/core/run.ts'
import type { GuildRoster, Performed, Performing } from '#src/loop/world.ts'

// Discord as the loop meets it: one guild with its roles and members, what a look shows, and what an act comes to.

export const GUILD = '1000'
export const BOT = '2'
export const OWNER = '1'
export const PILOTS = '1001'
export const DIRECTORS = '1002'
export const TOP = '1003'
const BOT_ROLE = '1009'

/** `remove_role 4 1002`, `remove_roles 4 1001+1002`, `kick 4`: how a step names an act. */
export function nameOf(act: Act): string {
  return [act.kind, act.memberId, rolesOfAct(act).join('+')].filter((part) => part !== '').join(' ')
}

export interface SmallAnswer extends Performed {
  /** Whether it really happened, whatever Discord says. */
  readonly really: boolean
}

const DONE: SmallAnswer = { outcome: 'done', detail: null, really: true }

/** Members at Discord: the truth that the looker reads and the enforcer changes; the roster sees it unless `putUnseen`. */
export class SmallDiscord {
  readonly members = new Map<Id, Member>()
  state: RosterState = 'live'
  /** How far its clock is ahead of the bot's. */
  clockAheadMs = 0
  /** What each act is answered with, by `<kind> <member>` or by the member alone; without an entry it is done, and seen. */
  readonly answers = new Map<string, SmallAnswer>()
  /** What the guild's audit log says, newest first; null: the bot may not read it. */
  audit: readonly LoggedRoleChange[] | null = []
  readonly steps: string[]
  beforeLook: (memberId: Id, lane?: Performing['lane']) => void = () => {}
  /** Called once an act has come to what it comes to, before anybody hears of it. */
  afterAct: (act: Act) => void = () => {}
  /** What happens at Discord's door before the act is sent: a rate limit, during which things may change. */
  beforeSend: ((act: Act) => void) | null = null
  /** The guild as Discord has it, where the roster's is old. */
  guildAtDiscord: Guild | null = null
  /** Acts a second. */
  paces: Readonly<Record<Act['kind'], number>> = { remove_role: 1, add_role: 1, remove_roles: 1, kick: 5 }
  /** How each act was to be made, in the order in which they came. */
  readonly performings: Performing[] = []
  #columns = new Map<Id, readonly Id[]>()
  #waiting: (() => void)[] = []

  constructor(steps: string[]) {
    this.steps = steps
    this.put(BOT, [BOT_ROLE], true)
    this.put(OWNER, [])
  }

  put(id: Id, roleIds: readonly Id[], bot = false): void {
    this.#set({ id, bot, roleIds })
    this.#columns.set(id, roleIds)
  }

  /** Changes the member at Discord without the roster hearing of it. */
  putUnseen(id: Id, roleIds: readonly Id[]): void {
    this.#set({ id, bot: false, roleIds })
  }

  /** The member left, and is here again since then; null: Discord does not say since when. */
  comeBack(id: Id, roleIds: readonly Id[], joinedAt: number | null): void {
    this.leave(id)
    this.put(id, roleIds)
    this.members.set(id, { id, bot: false, roleIds, joinedAt })
  }

  /** Who is not said to have come later was always here. */
  #set(member: Member): void {
    this.members.set(member.id, { joinedAt: 0, ...this.members.get(member.id), ...member })
  }

  /** The member leaves, and the roster hears of it. */
  leave(id: Id): void {
    this.members.delete(id)
    this.#columns.delete(id)
  }

  readonly guild: Guild = {
    id: GUILD,
    name: 'Example',
    ownerId: OWNER,
    botUserId: BOT,
    botRoleIds: [BOT_ROLE],
    roles: [
      { id: GUILD, name: '@everyone', position: 0, managed: false },
      { id: PILOTS, name: 'Pilots', position: 1, managed: false },
      { id: DIRECTORS, name: 'Directors', position: 2, managed: false },
      { id: BOT_ROLE, name: 'rolecall', position: 3, managed: true },
      { id: TOP, name: 'Top', position: 4, managed: false },
    ],
  }

  roster(): GuildRoster {
    const discord = this
    return {
      get state() {
        return discord.state
      },
      verifiedAt: 0,
      guild: () => this.guild,
      get columns() {
        return columnsOf([...discord.#columns].map(([id, roleIds]) => ({ id, bot: id === BOT, roleIds })))
      },
      member: (id) => {
        const roleIds = this.#columns.get(id)
        return roleIds ? { id, bot: id === BOT, roleIds } : null
      },
      prefer: () => {},
      sees: (memberId, roleId, held) =>
        new Promise((resolve) => {
          const isSeen = () => this.#columns.has(memberId) && this.#columns.get(memberId)!.includes(roleId) === held
          this.#waiting.push(() => resolve(isSeen()))
        }),
    }
  }

  /** The bot's own, in the whole guild: Manage Roles. */
  permissions = 1n << 28n

  readonly looker = {
    member: async (_guildId: Id, memberId: Id, lane?: Performing['lane']): Promise<Member | null> => {
      this.beforeLook(memberId, lane)
      this.steps.push(`look ${memberId}`)
      return this.members.get(memberId) ?? null
    },
    guild: async (): Promise<Guild> => this.guildAtDiscord ?? this.guild,
    standing: async () => ({ guild: this.guildAtDiscord ?? this.guild, permissions: this.permissions }),
    roleChanges: async (): Promise<readonly LoggedRoleChange[]> => {
      this.steps.push('audit log')
      if (!this.audit) throw new Error('The bot may not read the audit log.')
      return this.audit
    },
  }

  readonly enforcer = {
    perform: async (act: Act, how: Performing): Promise<Performed> => {
      this.performings.push(how)
      if (this.beforeSend) {
        this.beforeSend(act)
        if (!(await how.stillWanted())) return { outcome: 'changed', detail: null }
      }
      this.steps.push(nameOf(act))
      const { really, ...answer } =
        this.answers.get(`${act.kind} ${act.memberId}`) ?? this.answers.get(act.memberId) ?? DONE
      if (really) this.#change(act)
      this.afterAct(act)
      for (const look of this.#waiting.splice(0)) look()
      return answer
    },
    pace: (_guildId: Id, kind: Act['kind']): number => this.paces[kind],
  }

  #change(act: Act): void {
    const member = this.members.get(act.memberId)
    if (!member) return
    const others = member.roleIds.filter((id) => !rolesOfAct(act).includes(id))
    if (act.kind === 'kick') this.leave(act.memberId)
    else this.put(act.memberId, act.kind === 'add_role' ? [...others, act.roleId] : others)
  }
}

function columnsOf(members: readonly Member[]): MemberColumns {
  const roleIds = [...new Set(members.flatMap((member) => member.roleIds))]
  const word = Uint32Array.from(members, (member) =>
    member.roleIds.reduce((mask, id) => mask | (1 << roleIds.indexOf(id)), 0),
  )
  return {
    count: members.length,
    flags: Uint8Array.from(members, ({ bot }) => (bot ? FLAG_BOT : 0)),
    words: [word],
    roleIds,
    idAt: (row) => members[row]!.id,
    rowOf: (id) => members.findIndex((member) => member.id === id),
    rowOfHalves: (high, low) => members.findIndex((member) => member.id === toId(high, low)),
  }
}
