import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, posix } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { importsOf } from '../walls/imports.ts'
import { Container, type Finished, isIgnored, readDockerfile } from './container.ts'

const root = join(import.meta.dirname, '../..')
const dockerfile = readDockerfile(readFileSync(join(root, 'Dockerfile'), 'utf8'))
const all = (word: string): readonly string[] => dockerfile.flatMap((line) => (line.word === word ? [line.rest] : []))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** npm fetches about 90 packages. */
const INSTALL_MS = 240_000

describe('the image, by its Dockerfile', () => {
  it('stands on exactly the Node that the bot is tested with', () => {
    expect(all('FROM')).toEqual([`node:${manifest.dependencies.node}-slim`])
  })

  it('runs as a numbered user without rights, who owns /data', () => {
    expect(all('USER')).toEqual(['10001:10001'])
    expect(all('VOLUME')).toEqual(['/data'])
    expect(all('RUN').join('\n')).toMatch(/install --directory --owner rolecall --group rolecall --mode 0700 \/data/)
    expect(all('ENV').join(' ')).toMatch(/\bDATA_DIR=\/data\b/)
  })

  it('takes nothing as root once that user is set', () => {
    const after = dockerfile.slice(dockerfile.findIndex(({ word }) => word === 'USER'))
    expect(after.filter(({ word }) => ['RUN', 'COPY', 'ADD'].includes(word))).toEqual([])
  })

  it('starts the bot as its first process, so that SIGTERM reaches it', () => {
    expect(all('CMD')).toEqual(['["node", "src/main.ts"]'])
    expect(all('STOPSIGNAL')).toEqual(['SIGTERM'])
  })

  it('never holds a token, a history or the packages of this machine', () => {
    const patterns = readFileSync(join(root, '.dockerignore'), 'utf8')
    const kept = ['.env', '.git/config', 'node_modules/ws/index.js', 'data/PG_VERSION', 'test/house.test.ts', 'src.env']
    expect(kept.filter((path) => !isIgnored(path, patterns))).toEqual([])
    expect(isIgnored('src/core/model.ts', patterns)).toBe(false)
  })
})

describe('the image, built in an empty folder by an ordinary user', () => {
  let container: Container
  let installed: Finished

  beforeAll(async () => {
    container = new Container(root)
    for (const line of dockerfile) {
      container.lay(line)
      if (line.word === 'RUN' && line.rest.startsWith('npm ')) installed = await container.run(line.rest)
    }
  }, INSTALL_MS)
  afterAll(() => container.remove())

  it('installs from the lock file, without development packages', () => {
    expect(installed.output.slice(-2_000)).toMatch(/added \d+ packages/)
    expect(installed.code).toBe(0)
    expect(existsSync(join(container.folder, 'node_modules/discord.js'))).toBe(true)
    expect(existsSync(join(container.folder, 'node_modules/vitest'))).toBe(false)
  })

  it('holds every file that the bot imports', () => {
    const missing = imports(container.folder).flatMap(({ from, file }) =>
      file === null || existsSync(join(container.folder, file)) ? [] : `${from} wants ${file}`,
    )
    expect(missing).toEqual([])
  })

  it('holds every package that the bot imports', async () => {
    const names = imports(container.folder).flatMap(({ file, name, erased }) =>
      file === null && name !== null && !erased ? name : [],
    )
    const script = `for (const name of process.argv.slice(1)) try { import.meta.resolve(name) } catch { console.log('no ' + name) }`
    const answer = await container.run(`node --input-type=module -e "${script}" -- ${[...new Set(names)].join(' ')}`)
    expect(answer).toEqual({ code: 0, output: '' })
  })

  it('answers to rolecall --help', async () => {
    const { code, output } = await container.run('node bin/rolecall.js --help')
    expect(output).toMatch(/Usage: rolecall/)
    expect(code).toBe(0)
  })

  describe('by its HEALTHCHECK', () => {
    const check = all('HEALTHCHECK')
      .join()
      .replace(/^.*?CMD /, '')
    let status = 200
    let server: Server
    let port: string

    beforeAll(async () => {
      server = createServer((request, response) => response.writeHead(request.url === '/healthz' ? status : 404).end())
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      port = String((server.address() as AddressInfo).port)
    })
    afterAll(() => server.close())

    it('is well while the bot says so', async () => {
      status = 200
      expect(await container.run(check, { HEALTH_PORT: port })).toEqual({
        code: 0,
        output: `http://127.0.0.1:${port}/healthz answers 200.\n`,
      })
    })

    it('is not well when the bot says that it is not', async () => {
      status = 503
      expect(await container.run(check, { HEALTH_PORT: port })).toEqual({
        code: 1,
        output: `http://127.0.0.1:${port}/healthz answers 503.\n`,
      })
    })

    it('is not well when nothing answers', async () => {
      server.close()
      await once(server, 'close')
      const { code, output } = await container.run(check, { HEALTH_PORT: port })
      expect(output).toMatch(/cannot be reached/)
      expect(code).toBe(1)
    })
  })
})

function imports(folder: string) {
  return ['src', 'commands'].flatMap((room) =>
    readdirSync(join(folder, room), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => {
        const path = posix.join(room, name)
        return importsOf({ path, text: readFileSync(join(folder, path), 'utf8') }).map((found) => ({
          ...found,
          from: path,
        }))
      }),
  )
}
