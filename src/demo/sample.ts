// A sample alliance: 500 members and an identity database that has moved on while nobody looked. Fixed, so that each showing is the same.

export interface SampleRole {
  readonly name: string
  /** Above the bot's own role, so that the bot cannot touch it. */
  readonly above?: boolean
}

/** Lowest first, as Discord ranks them; the bot's own role stands above all of these but those marked. */
export const ROLES: readonly SampleRole[] = [
  { name: 'Movie Night' },
  { name: 'Guest' },
  { name: 'Ally' },
  { name: 'Member' },
  { name: 'Pilots' },
  { name: 'Logistics' },
  { name: 'Capitals' },
  { name: 'Recruiters' },
  { name: 'Fleet Command' },
  { name: 'Moderator' },
  { name: 'Directors', above: true },
]

export const GROUPS = ['Pilots', 'Logistics', 'Capitals', 'Recruiters', 'Fleet Command', 'Directors'] as const
export const STATES = ['Member', 'Ally', 'Guest'] as const

type Group = (typeof GROUPS)[number]

/** One person: what Discord shows and what the identity database says, where the two differ on purpose. */
export interface SamplePerson {
  readonly username: string
  /** The roles held in Discord. */
  readonly roles: readonly string[]
  /** Null: nobody in the identity database has linked this account. */
  readonly identity: {
    readonly active: boolean
    readonly access: boolean
    readonly state: (typeof STATES)[number]
    readonly groups: readonly Group[]
  } | null
}

const FIRST = [
  'amber',
  'basil',
  'cinder',
  'dune',
  'ember',
  'fern',
  'gale',
  'hazel',
  'iris',
  'juno',
  'koi',
  'lark',
  'moss',
  'nova',
  'onyx',
  'pike',
  'quill',
  'rook',
  'sable',
  'tansy',
  'umber',
  'vesper',
  'wren',
  'yarrow',
  'zephyr',
]
const LAST = [
  'bright',
  'calder',
  'drift',
  'everly',
  'foss',
  'grove',
  'hale',
  'ives',
  'jarrow',
  'kestrel',
  'lowe',
  'marsh',
  'north',
  'orrin',
  'prow',
  'quay',
  'ridge',
  'stone',
  'thorn',
  'vane',
]

/** Different for each index below 500. */
const nameOf = (index: number): string =>
  `${FIRST[index % FIRST.length]}-${LAST[Math.floor(index / FIRST.length) % LAST.length]}`

/** Those whom the story names; the rest of the 500 fill the server. */
export const OWNER = 'solveig'
export const MODERATOR = 'mira'
export const NEWCOMER = 'pim'

const member = (
  username: string,
  groups: readonly Group[],
  roles: readonly string[] = ['Member', ...groups],
): SamplePerson => ({
  username,
  roles,
  identity: { active: true, access: true, state: 'Member', groups },
})

const guest = (username: string, roles: readonly string[]): SamplePerson => ({ username, roles, identity: null })

/** People who are as they should be: members of some groups, allies, and guests who hold nothing that is governed. */
function ordinary(index: number): SamplePerson {
  const username = nameOf(index)
  if (index % 9 === 0) return guest(username, index % 2 === 0 ? ['Movie Night'] : [])
  if (index % 7 === 0)
    return { username, roles: ['Ally'], identity: { active: true, access: true, state: 'Ally', groups: [] } }
  return member(
    username,
    GROUPS.filter((group, place) => group !== 'Directors' && (index + place) % (place + 2) === 0),
  )
}

/** Roles that were kept when their group was left. */
const KEPT = ['Capitals', 'Logistics', 'Fleet Command', 'Recruiters'] as const

/** What went wrong while nobody looked. */
function drifted(index: number): SamplePerson {
  const username = nameOf(index)
  const past = { active: true, access: false, state: 'Guest', groups: [] } as const
  if (index < 10) return member(username, ['Pilots'], ['Member', 'Pilots', KEPT[index % KEPT.length]!])
  if (index < 14) return { username, roles: ['Member', 'Pilots'], identity: past }
  if (index < 17) return guest(username, ['Member'])
  if (index < 20) return member(username, ['Pilots', 'Logistics'], ['Member', 'Pilots'])
  if (index === 20) return { username, roles: ['Member'], identity: { ...past, active: false } }
  return member(username, [], ['Member', 'Directors'])
}

/** Of the generated people those from 1 up to here have drifted: 9 with a role too many, 4 without access, 3 guests, 3 who lack a role, 1 switched off, 1 out of reach. */
const DRIFTED = 22
/** With the three of the story and the bot itself: 500. */
const GENERATED = 496

export function samplePeople(): readonly SamplePerson[] {
  const story = [
    member(OWNER, ['Directors'], ['Member', 'Directors', 'Fleet Command']),
    member(MODERATOR, ['Pilots', 'Recruiters'], ['Member', 'Pilots', 'Recruiters', 'Moderator']),
    member(NEWCOMER, ['Pilots']),
  ]
  return [
    ...story,
    ...Array.from({ length: GENERATED }, (_, index) =>
      index > 0 && index < DRIFTED ? drifted(index) : ordinary(index),
    ),
  ]
}

/** The identity file for `rolecall identity import`; `discordIdsOf` tells the accounts that a username has linked. */
export function sampleIdentityFile(
  people: readonly SamplePerson[],
  discordIdsOf: (username: string) => readonly string[],
): string {
  const identities = people.flatMap(({ username, identity }, index) => {
    if (!identity) return []
    const account = {
      id: String(90_000_000 + index),
      name: username,
      organisation: 'Lantern Works',
      parentOrganisation: 'The Quiet Concord',
      main: true,
    }
    return [
      {
        id: String(index + 1),
        username,
        superuser: false,
        ...identity,
        discordIds: discordIdsOf(username),
        accounts: [account],
      },
    ]
  })
  return JSON.stringify(
    { format: 'rolecall-identity/1', groups: GROUPS, states: STATES, reservedNames: [], identities },
    null,
    1,
  )
}

/** What the sample's operator has set: roles that were not earned are taken away, missing ones are only reported. */
export const SAMPLE_SETTINGS = {
  policy: { unknown_guest: 'strip', linked_no_perm: 'strip', role_drift: 'strip', missing_roles: 'report' },
} as const
