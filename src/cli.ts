import './bot/quick-load.ts'

// `rolecall`: the command line is brought in when loading has become quick.
const { run } = await import('./console/command-line.ts')

// Whoever read along may go, as in `| head`; what was begun is ended all the same.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
process.exitCode = await run(process.argv.slice(2))
