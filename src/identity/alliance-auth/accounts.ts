import type { LinkedAccount } from '#src/core/model.ts'
import type { Session } from '../server/server.ts'

/** The characters that somebody has proved to be theirs, with corporation and alliance. */
export async function readAccounts(session: Session, userId: string): Promise<readonly LinkedAccount[]> {
  const rows = await session.rows(
    `select c.character_id, c.character_name, c.corporation_name, c.corporation_ticker, c.alliance_name, c.alliance_ticker,
      case when c.id = p.main_character_id then 1 else 0 end
    from authentication_characterownership o join eveonline_evecharacter c on c.id = o.character_id
      left join authentication_userprofile p on p.user_id = o.user_id
    where o.user_id = ${session.dialect === 'mysql' ? 'cast(? as unsigned)' : 'cast(? as bigint)'}`,
    [userId],
  )
  return rows.map(([id, name, corporation, corporationTicker, alliance, allianceTicker, main]) => ({
    id: id ?? '',
    name: name ?? '',
    organisation: titled(corporation, corporationTicker),
    parentOrganisation: titled(alliance, allianceTicker),
    main: main === '1',
  }))
}

function titled(name: string | null | undefined, ticker: string | null | undefined): string | null {
  if (!name) return null
  return ticker ? `${name} [${ticker}]` : name
}
