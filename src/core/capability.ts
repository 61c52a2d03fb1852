// What a person may ask of the bot. Each is held by the owner and Administrators, and by the roles that it was granted to; none contains another.

export const CAPABILITIES = [
  /** `/audit run|resume|abandon`, and notices by direct message. */
  'run',
  /** `/audit status|runs|findings|diff|grantors`, `/explain`, `/identity status|show`: reading only. */
  'read',
  'undo',
  'stop',
  /** `/acknowledge source|plan`. */
  'acknowledge',
  /** When the bot looks by itself; not whether it then acts. */
  'schedule',
  'protect',
  'override',
  /** `/identity link|unlink`: whoever has it says as whom a member is judged. */
  'link',
  'bots',
  'roles',
  'policy',
  /** Where the bot posts. */
  'notices',
] as const
export type Capability = (typeof CAPABILITIES)[number]

/** What no grant gives: arming, lifting the first-run lock, and granting. Only the owner and Administrators do these. */
export type Needed = Capability | 'administrator'

/** Those that holders of Manage Roles have without a grant: to look, to run, and to stop (whoever may hand out roles may take them). */
export const WITH_MANAGE_ROLES: ReadonlySet<Capability> = new Set(['run', 'read', 'undo', 'stop'])
