import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Reply } from '#src/discord/command.ts'
import { render } from '#src/discord/render.ts'
import type { Exchange } from '#src/sandbox/rest/log.ts'
import { checkExchange } from '../sandbox/spec.ts'

const text = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 2, arbitrary: fc.constantFrom('', ' ', '\n', '\u200b', '\ud800', '```') },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.constantFrom('a', '🙂', '```', 'é', '\udc00'), fc.nat(7_000))
      .map(([one, times]) => one.repeat(times)),
  },
)

const reply: fc.Arbitrary<Reply> = fc.record(
  {
    tone: fc.constantFrom('good', 'warn', 'bad', 'plain'),
    title: text,
    text,
    fields: fc.array(fc.record({ name: text, value: text }), { maxLength: 40 }),
    footer: text,
    buttons: fc.array(
      fc.record(
        {
          id: fc.oneof(
            text,
            fc.nat(60).map((n) => `audit:${n}`),
          ),
          label: text,
          disabled: fc.boolean(),
        },
        { requiredKeys: ['id', 'label'] },
      ),
      { maxLength: 40 },
    ),
  },
  { requiredKeys: ['tone', 'title', 'text'] },
)

/** Every text in it, as Discord adds them up. */
function lengthOf({
  title = '',
  description = '',
  footer,
  fields = [],
}: ReturnType<typeof render>['embeds'][0]): number {
  const parts = [title, description, footer?.text ?? '', ...fields.flatMap(({ name, value }) => [name, value])]
  return parts.reduce((sum, part) => sum + part.length, 0)
}

/** A request as the checker takes it, whatever the answer. */
const sent = (method: string, route: string, body: unknown): Exchange => ({
  method,
  route,
  path: route,
  params: {},
  query: {},
  body,
  reason: undefined,
  status: 500,
  answer: undefined,
  headers: {},
  at: 0,
})

const plain = (changes: Partial<Reply>): Reply => ({ tone: 'plain', title: 'Title', text: 'Text', ...changes })
const embedOf = (changes: Partial<Reply>) => render(plain(changes)).embeds[0]

describe('a reply as Discord takes it', () => {
  it('fits whatever a command says, by the limits and by the description of Discord', () => {
    fc.assert(
      fc.property(reply, (any) => {
        const body = render(any)
        const [embed] = body.embeds
        expect(lengthOf(embed)).toBeLessThanOrEqual(6_000)
        expect(embed.fields?.length ?? 0).toBeLessThanOrEqual(25)
        expect(body.components.length).toBeLessThanOrEqual(5)
        for (const row of body.components) expect(row.components.length).toBeLessThanOrEqual(5)
        const texts = [
          embed.title,
          embed.description,
          ...(embed.fields ?? []).flatMap(({ name, value }) => [name, value]),
        ]
        for (const one of texts) {
          expect(one?.trim()).not.toBe('')
          expect(one?.isWellFormed()).toBe(true)
        }
        const callback = { type: 4, data: { ...body, flags: 64 } }
        expect(checkExchange(sent('PATCH', '/webhooks/{webhook_id}/{webhook_token}/messages/@original', body))).toEqual(
          [],
        )
        expect(
          checkExchange(sent('POST', '/interactions/{interaction_id}/{interaction_token}/callback', callback)),
        ).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  it('leaves alone what fits', () => {
    const fields = [{ name: 'Members', value: '**12**' }]
    expect(
      render(plain({ tone: 'good', fields, footer: 'Run 1', buttons: [{ id: 'audit:next', label: 'Next' }] })),
    ).toEqual({
      embeds: [{ title: 'Title', description: 'Text', color: 0x2e8b57, fields, footer: { text: 'Run 1' } }],
      components: [
        { type: 1, components: [{ type: 2, style: 2, custom_id: 'audit:next', label: 'Next', disabled: false }] },
      ],
      allowed_mentions: { parse: [] },
    })
  })

  it('pings nobody', () => {
    expect(render(plain({ text: '@everyone <@1> <@&2>' })).allowed_mentions).toEqual({ parse: [] })
  })

  it('says how many fields did not fit', () => {
    const fields = Array.from({ length: 30 }, (_, index) => ({ name: `Rule ${index}`, value: 'x' }))
    const shown = embedOf({ fields }).fields ?? []
    expect(shown).toHaveLength(25)
    expect(shown[24]?.value).toBe('… and 6 more that do not fit here.')
  })

  it('keeps the fields that fit where one is too long for what is left', () => {
    const fields = [
      { name: 'a', value: 'x' },
      ...Array.from({ length: 8 }, () => ({ name: 'b', value: 'y'.repeat(1_024) })),
    ]
    const shown = embedOf({ fields }).fields ?? []
    expect(shown.length).toBeGreaterThan(4)
    expect(shown.at(-1)?.value).toMatch(/^… and \d more/)
  })

  it('closes a code block that the cut left open', () => {
    const description = embedOf({ text: `\`\`\`\n${'x'.repeat(5_000)}\n\`\`\`` }).description
    expect(description).toHaveLength(4_096)
    expect(description?.endsWith('…\n```')).toBe(true)
  })

  it('never cuts through a character', () => {
    expect(embedOf({ title: `a${'🙂'.repeat(200)}` }).title).toBe(`a${'🙂'.repeat(127)}…`)
  })

  it('leaves out a button whose id would have to be cut, and a second one with the same id', () => {
    const buttons = [
      { id: 'x'.repeat(101), label: 'long' },
      { id: 'audit:1', label: 'one' },
      { id: 'audit:1', label: 'again' },
    ]
    expect(
      render(plain({ buttons })).components.flatMap((row) => row.components.map((button) => button.custom_id)),
    ).toEqual(['audit:1'])
  })
})
