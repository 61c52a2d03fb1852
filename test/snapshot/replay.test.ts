import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { replay } from '#src/console/replay.ts'
import { EXAMPLE } from './example.ts'

const folder = mkdtempSync(join(tmpdir(), 'rolecall-replay-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function run(path: string, json = true) {
  const out: string[] = []
  const err: string[] = []
  const io = { out: (text: string) => void out.push(text), err: (text: string) => void err.push(text) }
  const code = await replay(path, { json }, io)
  return { code, out: out.join(''), err: err.join('') }
}

let files = 0
function written(content: string | Uint8Array): string {
  const path = join(folder, `${files++}.json`)
  writeFileSync(path, content)
  return path
}

const replayed = (file: unknown, json = true) => run(written(JSON.stringify(file)), json)

/** The plan that follows from the example, but for its digest. */
const PLAN = {
  format: 'rolecall-plan/1',
  guildId: '1000',
  digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
  identity: { suspect: false, why: [] },
  counts: {
    members: 2,
    bot_filtered: 1,
    identity_conflict: 0,
    unknown_guest: 0,
    linked_no_perm: 0,
    role_drift: 1,
    missing_roles: 0,
    in_order: 0,
  },
  blast: { population: 1, affected: 1, limit: 1, dayLimit: 1, kicks: 0, kickLimit: 1, over: false },
  findings: [
    {
      memberId: '3',
      identityId: '42',
      category: 'role_drift',
      policyAction: 'strip',
      decidedBy: 'default',
      gates: [],
      effectiveAction: 'strip',
      kick: false,
      removeRoles: ['1001'],
      addRoles: [],
      excessRoles: ['1001'],
      missingRoles: [],
      unreachableRoles: [],
    },
  ],
}

describe('the plan of a snapshot file', () => {
  it('is that of the example, and nothing more', async () => {
    const { code, out, err } = await replayed(EXAMPLE)
    expect([code, err]).toEqual([0, ''])
    expect(JSON.parse(out)).toEqual(PLAN)
    expect(out).toMatch(/^\{\n {2}"format": "rolecall-plan\/1",\n/)
    expect(out.endsWith('\n}\n')).toBe(true)
  })

  it('is named by a digest that anybody can take with sha256sum', async () => {
    const [finding] = PLAN.findings
    const canonical = `{"findings":[${JSON.stringify(Object.fromEntries(Object.entries(finding!).sort(([a], [b]) => (a < b ? -1 : 1))))}],"guildId":"1000"}`
    const sum = execFileSync('sha256sum', { input: canonical, encoding: 'utf8' }).split(' ')[0]
    expect(JSON.parse((await replayed(EXAMPLE)).out).digest).toBe(`sha256:${sum}`)
  })

  it('holds everything back where nothing is set', async () => {
    const { settings: _, invocation: __, ...bare } = EXAMPLE
    const plan = JSON.parse((await replayed({ ...bare, settings: { policy: { role_drift: 'strip' } } })).out)
    // No group maps to the role by an entry now, but one bears its name.
    expect(plan.findings[0].gates).toEqual(['action_ceiling', 'actor_not_permitted', 'first_run_lock'])
    expect(plan.findings[0].effectiveAction).toBe('report')
  })

  it('distrusts a source that shrank', async () => {
    const plan = JSON.parse(
      (await replayed({ ...EXAMPLE, baseline: { linked: 9, perGroup: { Gone: 5, Pilots: 4 } } })).out,
    )
    expect(plan.identity).toEqual({ suspect: true, why: ['dropped:linked', 'dropped:group:Gone'] })
    expect(plan.findings[0].gates).toEqual(['identity_suspect'])
  })

  it('shows what was planned where the blast radius closes, and opens for an approval of just that', async () => {
    const guests = ['5', '6'].map((id) => ({ ...EXAMPLE.guild.members[0], user: { id, username: 'x', bot: false } }))
    const file = { ...EXAMPLE, guild: { ...EXAMPLE.guild, members: [...EXAMPLE.guild.members, ...guests] } }
    const plan = JSON.parse((await replayed(file)).out)
    expect(plan.blast).toMatchObject({ affected: 3, limit: 1, over: true })
    expect(plan.findings.map(({ gates }: { gates: string[] }) => gates)).toEqual([
      ['blast_radius'],
      ['blast_radius'],
      ['blast_radius'],
    ])
    expect(plan.planned.map(({ removeRoles }: { removeRoles: string[] }) => removeRoles)).toEqual([
      ['1001'],
      ['1001'],
      ['1001'],
    ])
    const approved = JSON.parse(
      (await replayed({ ...file, invocation: { ...file.invocation, approved: plan.digest } })).out,
    )
    expect(approved.blast.over).toBe(true)
    expect(approved).not.toHaveProperty('planned')
    expect(approved.findings).toEqual(plan.planned)
  })

  it('tells of what it passed over on the other stream', async () => {
    const { code, out, err } = await replayed({ ...EXAMPLE, settings: { roleMap: { groups: { Pilots: ['9'] } } } })
    expect(code).toBe(0)
    expect(err).toBe('warning: settings.roleMap.groups.Pilots[0]: the guild has no role 9; ignored.\n')
    expect(JSON.parse(out).counts.in_order).toBe(1)
  })
})

describe('a plan for people', () => {
  it('names who, what and why not', async () => {
    const { out } = await replayed({ ...EXAMPLE, settings: { ...EXAMPLE.settings, acknowledged: false } }, false)
    expect(out).toContain('role_drift        ann (3)')
    expect(out).toContain('has Pilots')
    expect(out).toContain('report only')
    expect(out).toContain('held by first_run_lock')
  })

  it('fits a terminal of 80 columns, shows 25 findings, and lets no name disturb it', async () => {
    const name = `\u001b[31m\n${'Very Long Name '.repeat(20)}`
    const roles = Array.from({ length: 9 }, (_, at) => ({
      id: `200${at}`,
      name: `${at} ${name}`.slice(0, 100),
      position: 1,
      managed: false,
    }))
    const members = Array.from({ length: 40 }, (_, at) => ({
      user: { id: `9${String(at).padStart(18, '0')}`, username: name, bot: false },
      nick: name,
      roles: roles.map(({ id }) => id),
      joined_at: null,
    }))
    const guild = { ...EXAMPLE.guild, name, roles: [...EXAMPLE.guild.roles, ...roles], members }
    const roleMap = { groups: { Pilots: roles.map(({ id }) => id) } }
    const settings = { roleMap, policy: { unknown_guest: 'strip_kick' } }
    const { out } = await replayed({ ...EXAMPLE, guild, settings, baseline: { perGroup: { [name]: 9 } } }, false)
    const lines = out.split('\n')
    expect(lines.filter((line) => line.length > 80)).toEqual([])
    expect(lines.filter((line) => line.startsWith('- '))).toHaveLength(25)
    expect(out).toContain('… and 15 more')
    expect(out).not.toContain('\u001b')
  })

  it('says what an over-large plan would do', async () => {
    const guests = ['5', '6'].map((id) => ({ ...EXAMPLE.guild.members[0], user: { id, username: 'x', bot: false } }))
    const { out } = await replayed(
      { ...EXAMPLE, guild: { ...EXAMPLE.guild, members: [...EXAMPLE.guild.members, ...guests] } },
      false,
    )
    expect(out).toContain('OVER; the whole run only reports')
    expect(out).toContain('-> would take Pilots\n    held by blast_radius')
  })

  it('says so where everybody is in order', async () => {
    const { out } = await replayed({ ...EXAMPLE, guild: { ...EXAMPLE.guild, members: [] } }, false)
    expect(out).toContain('everybody is in order')
  })
})

describe('a file that cannot be replayed', () => {
  it.each<[string, () => string, RegExp]>([
    ['is not there', () => join(folder, 'nowhere.json'), /is not there\. Check the path\.\n$/],
    ['is a folder', () => folder, /is not a file\. Name the file to read\.\n$/],
    ['is empty', () => written(''), /\.json is empty\.\n$/],
    ['is no text', () => written(Uint8Array.of(0xff, 0xfe, 0x00)), /is not UTF-8 text\. Export it as UTF-8\.\n$/],
    ['begins with a byte order mark', () => written('\ufeff{}'), /byte order mark/],
    [
      'has a fault',
      () => written(JSON.stringify({ ...EXAMPLE, takenAt: 'now' })),
      /^\S+\.json, line 1: takenAt: must be an ISO 8601 time/,
    ],
  ])('ends with 2 and one sentence, and prints nothing, where it %s', async (_, path, sentence) => {
    for (const json of [true, false]) {
      const { code, out, err } = await run(path(), json)
      expect([code, out]).toEqual([2, ''])
      expect(err).toMatch(sentence)
      expect(err.split('\n')).toHaveLength(2)
    }
  })

  it('says so where it may not be read', async () => {
    const path = written('{}')
    chmodSync(path, 0)
    // Root may read everything, so the reading is done as nobody in particular.
    const root = process.geteuid?.() === 0
    if (root) process.seteuid?.(65_534)
    const { code, err } = await run(path).finally(() => root && process.seteuid?.(0))
    expect(code).toBe(2)
    expect(err).toMatch(/may not be read by this user\. Change its permissions\.\n$/)
  })
})
