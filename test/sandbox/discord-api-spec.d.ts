// The package ships its schemas without declarations.
declare module 'discord-api-spec/zod'
