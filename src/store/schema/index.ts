// Every table, by subject; what drizzle and its kit are shown.
export * from './guilds.ts'
export * from './identity.ts'
export * from './runs.ts'
export * from './sinks.ts'
export * from './standing.ts'
export * from './trail.ts'
