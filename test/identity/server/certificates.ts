import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Certificates in a folder, each a file `<name>.pem` with its `<name>.key`, and those who vouch for them. */
export function makeCertificates(folder: string): void {
  const openssl = (...words: readonly string[]) => execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' })
  const newKey = (name: string) => [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    `${name}.key`,
  ]
  for (const authority of ['authority', 'stranger'])
    openssl('req', '-x509', ...newKey(authority), '-out', `${authority}.pem`, '-subj', `/CN=${authority}`, '-days', '2')
  const sign = (name: string, names: string, days: string) => {
    writeFileSync(join(folder, `${name}.ext`), `subjectAltName=${names}\n`)
    openssl('req', ...newKey(name), '-out', `${name}.csr`, '-subj', `/CN=${name}`)
    const by = ['-CA', 'authority.pem', '-CAkey', 'authority.key', '-CAcreateserial']
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      ...by,
      '-days',
      days,
      '-extfile',
      `${name}.ext`,
      '-out',
      `${name}.pem`,
    )
  }
  sign('good', 'DNS:localhost,IP:127.0.0.1', '2')
  sign('name-only', 'DNS:localhost', '2')
  sign('elsewhere', 'DNS:elsewhere.example', '2')
  sign('expired', 'DNS:localhost,IP:127.0.0.1', '-1')
}
