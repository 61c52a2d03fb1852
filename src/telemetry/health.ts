import Fastify, { type FastifyInstance } from 'fastify'

// The doors by which a container or a load balancer asks how the bot is.

export interface Readiness {
  readonly ready: boolean
  /** One short sentence for each thing that is not as it should be; holds no secret and no name of a person. */
  readonly why: readonly string[]
}

export interface HealthOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly readiness: () => Promise<Readiness>
  readonly metrics: () => Promise<{ readonly type: string; readonly body: string }>
}

/** The health port could not be had; `message` says what to do. */
export class HealthFault extends Error {
  override readonly name = 'HealthFault'
}

/** Serves `/healthz` (the process answers), `/readyz` (503 with the reasons while something is not) and `/metrics` (for Prometheus). Throws `HealthFault`. */
export async function startHealth({
  host,
  port,
  readiness,
  metrics,
}: HealthOptions): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = Fastify({ logger: false })
  server.get('/healthz', async () => ({ ok: true }))
  server.get('/readyz', async (_request, reply) => {
    const { ready, why } = await readiness()
    return reply.code(ready ? 200 : 503).send({ ready, why })
  })
  server.get('/metrics', async (_request, reply) => {
    const { type, body } = await metrics()
    return reply.type(type).send(body)
  })
  await listen(server, host, port)
  const address = server.server.address()
  return { port: typeof address === 'object' && address ? address.port : port, close: () => server.close() }
}

async function listen(server: FastifyInstance, host: string, port: number): Promise<void> {
  try {
    await server.listen({ host, port })
  } catch (error) {
    await server.close()
    throw new HealthFault(sentenceFor((error as NodeJS.ErrnoException).code, host, port))
  }
}

function sentenceFor(code: string | undefined, host: string, port: number): string {
  if (code === 'EADDRINUSE')
    return `Port ${port} on ${host} is in use, so the health door cannot open. Another rolecall may be running; stop it, or set HEALTH_PORT to a free port.`
  if (code === 'EACCES')
    return `This account may not open port ${port} on ${host}. Set HEALTH_PORT to a port above 1023.`
  return `The health door cannot open at ${host}:${port} (${code ?? 'no reason given'}). Set HEALTH_HOST and HEALTH_PORT to an address of this machine.`
}
