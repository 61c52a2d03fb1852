import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { COMMANDS } from '#commands/index.ts'
import { carryOutOrder } from '#src/bot/order-desk.ts'
import type { AuditProgress, CommandWorld, Reply } from '#src/discord/command.ts'
import { makeLog } from '#src/telemetry/log.ts'
import { withServer } from '../database.ts'
import { BotSide, Typed } from './counter.ts'

const GUILD = '81384788765712384'
const MEMBER = '195846210987196416'
const REPLY: Reply = {
  tone: 'good',
  title: 'Everybody is in order',
  text: '**34** members looked at.',
  footer: 'run 1',
}
vi.setConfig({ testTimeout: 90_000 })
const log = makeLog({ level: 'silent', secrets: [] })

withServer('a command at the console, where a bot is alive', (url) => {
  let bot: BotSide
  beforeAll(async () => {
    bot = await BotSide.open(url(), GUILD)
  })
  afterAll(() => bot?.database.close())
  const type = (...words: readonly string[]) => new Typed(words, { DATABASE_URL: url() })

  it('is carried out by the bot, by the very command that members give, as the one who typed it', async () => {
    const typed = type('stop', '--reason', 'something is wrong')
    const order = await bot.take()
    expect(order).toMatchObject({ guildId: GUILD, actor: 'cli:ann', command: 'stop', subcommand: null })
    const by: unknown[] = []
    const world = {
      stop: async (guildId: string, who: unknown) => {
        by.push(guildId, who)
        return { runs: [], wasArmed: { schedule: false, realtime: true } }
      },
    } as unknown as CommandWorld
    const asked = { ...order, requestId: order.id, stoppedSince: () => false }
    const { reply, refused } = await carryOutOrder(
      asked,
      { commands: COMMANDS, world, log, guildIds: () => [GUILD] },
      () => {},
    )
    await bot.answer(order, reply, refused)
    expect(await typed.ended).toBe(0)
    expect(by).toEqual([
      GUILD,
      expect.objectContaining({ actor: 'cli:ann', cause: `order:${order.id}`, mayKick: true }),
    ])
    expect(typed.out).toContain('Disarmed: realtime.')
    expect(typed.out).toContain('`rolecall audit runs`')
  })

  it('without --yes lets a run only report, and says what --yes would do', async () => {
    const typed = type('audit', 'run', '--action', 'strip')
    const order = await bot.take()
    expect(order.options).toEqual({ action: 'report' })
    await bot.answer(order, REPLY)
    expect(await typed.ended).toBe(0)
    expect(typed.out).toMatch(/^Everybody is in order\n\n34 members looked at\.\n\nrun 1\n\nWithout --yes this only/)
    expect(typed.err).toBe('')
  })

  it('with --yes lets the run act, shows how far it is, and ends with 3 where it waits for a human', async () => {
    const typed = type('audit', 'run', '--action', 'strip_kick', '--member', MEMBER, '--yes')
    const order = await bot.take()
    expect(order.options).toEqual({ action: 'strip_kick', member: MEMBER })
    const progress: AuditProgress = { stage: 'acting', done: 12, total: 40, leftMs: 90_000 }
    await bot.note(order, { ...REPLY, progress })
    await typed.says('acting: 12 of 40, 2 min left\n')
    await bot.answer(order, { ...REPLY, tone: 'warn', title: 'The plan is too large and waits', held: true })
    expect(await typed.ended).toBe(3)
    expect(typed.out).toContain('The plan is too large and waits')
  })

  it('takes True as Discord writes it, and says it as it is typed here', async () => {
    const typed = type('roles', 'release', '--kicks', 'True', '--yes')
    const order = await bot.take()
    expect([order.command, order.subcommand, order.options]).toEqual(['roles', 'release', { kicks: true }])
    await bot.answer(order, { ...REPLY, text: 'Once more: `/roles release kicks:True`.' })
    expect(await typed.ended).toBe(0)
    expect(typed.out).toContain('Once more: `rolecall roles release --kicks true`.')
  })

  it('changes nothing without --yes: the bot is not even asked', async () => {
    const before = await bot.states()
    const typed = type('protect', 'member', '--member', MEMBER, '--reason', 'on leave\u001b[2J')
    expect(await typed.ended).toBe(0)
    expect(typed.out).toBe(
      `Nothing was done. With --yes the bot is asked for:\n  /protect member member:${MEMBER} reason:on leave\\u{1b}[2J\n`,
    )
    expect(await bot.states()).toEqual(before)
  })

  it('that was refused ends with 2, and one that broke with 1; neither shows anything as done', async () => {
    const refused = type('explain', '--member', MEMBER)
    await bot.answer(await bot.take(), { tone: 'warn', title: 'Not done', text: 'There is no such member.' }, true)
    expect(await refused.ended).toBe(2)
    expect([refused.out, refused.err]).toEqual(['', 'There is no such member.\n'])
    const broken = type('explain', '--member', MEMBER)
    await bot.answer(await bot.take(), { tone: 'bad', title: 'It went wrong', text: 'Look at the log.' }, true)
    expect(await broken.ended).toBe(1)
    expect([broken.out, broken.err]).toEqual(['', 'Look at the log.\n'])
  })

  it('shows what would change, and with --yes presses the button that carries it out', async () => {
    const typed = type('policy', 'set', '--category', 'role_drift', '--action', 'strip', '--yes')
    await bot.answer(await bot.take(), { ...REPLY, title: 'This strips 14 more', confirm: 'policy:yes:token' })
    const press = await bot.take()
    expect(press).toMatchObject({ command: 'policy', subcommand: null, options: { button: 'yes:token' } })
    await bot.answer(press, { ...REPLY, title: 'Set' })
    expect(await typed.ended).toBe(0)
    expect(typed.out).toMatch(/This strips 14 more[\s\S]*Set/)
  })

  it('goes on in the bot when whoever typed it leaves with Ctrl-C, and says how to stop it', async () => {
    const typed = type('audit', 'run')
    const order = await bot.take()
    await bot.note(order, REPLY)
    await typed.says('Everybody is in order')
    typed.child.kill('SIGINT')
    expect(await typed.ended).toBe(130)
    expect(typed.err.replaceAll(/\s+/g, ' ')).toMatch(/The bot goes on with it\..*`rolecall stop` halts everything/)
    await bot.answer(order, REPLY)
  })

  it('is given up by Ctrl-C as long as no bot has taken it', async () => {
    const typed = type('audit', 'run')
    await vi.waitUntil(async () => (await bot.states()).at(-1) === 'waiting', { timeout: 20_000, interval: 20 })
    typed.child.kill('SIGINT')
    expect(await typed.ended).toBe(130)
    expect(typed.err).toContain('Given up before the bot took it: nothing was done.')
    expect((await bot.states()).at(-1)).toBe('given_up')
  })

  it('does not wait for ever for a bot that died over it', async () => {
    const typed = type('audit', 'run')
    const order = await bot.take()
    await bot.note(order, REPLY)
    await typed.says('Everybody is in order')
    await bot.die()
    expect(await typed.ended).toBe(1)
    expect(typed.err.replaceAll(/\s+/g, ' ')).toContain('The bot that was at work on this has ended')
    await bot.live(2)
  })

  it('starts a bot of its own where none is alive, which needs a token', async () => {
    await bot.die()
    const typed = type('audit', 'status')
    expect(await typed.ended).toBe(2)
    expect(typed.err.replaceAll(/\s+/g, ' ')).toContain('there is no DISCORD_TOKEN to connect it with')
    expect(typed.err).not.toMatch(/^ {4}at /m)
    await bot.live(3)
  })
})
