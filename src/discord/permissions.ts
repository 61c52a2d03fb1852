import { PermissionFlagsBits } from 'discord.js'
import type { Permission } from './command.ts'

/** The permissions that commands may ask for: Discord's bit and its name in the server settings. */
export const PERMISSIONS: Readonly<Record<Permission, { readonly bit: bigint; readonly label: string }>> = {
  Administrator: { bit: PermissionFlagsBits.Administrator, label: 'Administrator' },
  ManageRoles: { bit: PermissionFlagsBits.ManageRoles, label: 'Manage Roles' },
  KickMembers: { bit: PermissionFlagsBits.KickMembers, label: 'Kick Members' },
  ManageGuild: { bit: PermissionFlagsBits.ManageGuild, label: 'Manage Server' },
  ViewAuditLog: { bit: PermissionFlagsBits.ViewAuditLog, label: 'View Audit Log' },
}

/** Discord's bit field as the permissions that matter here; an Administrator has them all. */
export function toPermissions(bits: bigint): ReadonlySet<Permission> {
  const names = Object.keys(PERMISSIONS) as Permission[]
  if ((bits & PERMISSIONS.Administrator.bit) !== 0n) return new Set(names)
  return new Set(names.filter((name) => (bits & PERMISSIONS[name].bit) !== 0n))
}

/** Discord writes a bit field as a string of digits; anything else grants nothing. */
export const readBits = (written: unknown): bigint =>
  typeof written === 'string' && /^\d+$/.test(written) ? BigInt(written) : 0n
