import type { Identity } from './model.ts'

/** Whether a person may be in the guild at all. Being a superuser stands in for the permission, never for being active. */
export function hasAccess(identity: Identity): boolean {
  return identity.active && (identity.superuser || identity.access)
}
