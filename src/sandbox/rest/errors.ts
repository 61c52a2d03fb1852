import type { Json } from '../payloads.ts'

/** Discord's answers when it says no: the HTTP status, its own code, its words. */
const CATALOGUE = {
  unknownApplication: [404, 10002, 'Unknown Application'],
  unknownChannel: [404, 10003, 'Unknown Channel'],
  unknownGuild: [404, 10004, 'Unknown Guild'],
  unknownMember: [404, 10007, 'Unknown Member'],
  unknownMessage: [404, 10008, 'Unknown Message'],
  unknownRole: [404, 10011, 'Unknown Role'],
  unknownUser: [404, 10013, 'Unknown User'],
  unknownWebhook: [404, 10015, 'Unknown Webhook'],
  unknownInteraction: [404, 10062, 'Unknown interaction'],
  unknownCommand: [404, 10063, 'Unknown application command'],
  alreadyAcknowledged: [400, 40060, 'Interaction has already been acknowledged.'],
  tagsOnly: [400, 40062, 'Service resource is being rate limited.'],
  missingAccess: [403, 50001, 'Missing Access'],
  emptyMessage: [400, 50006, 'Cannot send an empty message'],
  cannotMessage: [403, 50007, 'Cannot send messages to this user'],
  missingPermissions: [403, 50013, 'Missing Permissions'],
  invalidWebhookToken: [401, 50027, 'Invalid Webhook Token'],
  invalidRole: [400, 50028, 'Invalid Role'],
  invalidJson: [400, 50109, 'The request body contains invalid JSON.'],
  invalidRecipient: [400, 50033, 'Invalid Recipient(s)'],
  noMutualGuild: [403, 50278, 'Cannot send messages to this user due to having no mutual guilds'],
  secondFactorRequired: [403, 60003, 'Two factor is required for this operation'],
  unauthorized: [401, 0, '401: Unauthorized'],
  notFound: [404, 0, '404: Not Found'],
  methodNotAllowed: [405, 0, '405: Method Not Allowed'],
  serverError: [500, 0, '500: Internal Server Error'],
} as const satisfies Record<string, readonly [number, number, string]>

export type FaultName = keyof typeof CATALOGUE

/** An answer other than success, thrown by whoever finds the reason. */
export class ApiFault extends Error {
  readonly status: number
  readonly body: Json
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, body: Json, headers: Readonly<Record<string, string>> = {}) {
    super(String(body.message))
    this.status = status
    this.body = body
    this.headers = headers
  }
}

export function fault(name: FaultName): ApiFault {
  const [status, code, message] = CATALOGUE[name]
  return new ApiFault(status, { message, code })
}

export function serverFault(status: number): ApiFault {
  return new ApiFault(status, { message: `${status}: Server Error`, code: 0 })
}
