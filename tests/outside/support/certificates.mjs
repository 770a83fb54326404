// Certificates for one run, made by the openssl command line in the run's own folder.
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const NAMES = 'subjectAltName=DNS:localhost,IP:127.0.0.1'

export class Certificates {
  static async make() {
    const made = new Certificates()
    made.folder = await mkdtemp(join(tmpdir(), 'tally-certificates-'))
    await made.authority('ca')
    return made
  }

  path(name) {
    return join(this.folder, name)
  }
  read(name) {
    return readFile(this.path(name))
  }

  /** NAME.pem and NAME.key, signed by itself. */
  async authority(name) {
    await run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1',
      '-subj', `/CN=${name}`, '-keyout', this.path(`${name}.key`), '-out', this.path(`${name}.pem`)])
  }

  /** NAME.pem and NAME.key for `usage` (serverAuth or clientAuth), signed by `authority`. `key`: what openssl calls it. */
  async leaf(name, usage, { authority = 'ca', key = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'] } = {}) {
    await writeFile(this.path(`${name}.extensions`), `extendedKeyUsage=${usage}\n${NAMES}\n`)
    await run('openssl', ['req', '-newkey', ...key, '-nodes', '-subj', `/CN=${name}`,
      '-keyout', this.path(`${name}.key`), '-out', this.path(`${name}.request`)])
    await run('openssl', ['x509', '-req', '-in', this.path(`${name}.request`), '-days', '1', '-set_serial', String(Math.trunc(Math.random() * 1e12) + 1),
      '-CA', this.path(`${authority}.pem`), '-CAkey', this.path(`${authority}.key`),
      '-extfile', this.path(`${name}.extensions`), '-out', this.path(`${name}.pem`)])
  }

  remove() {
    return rm(this.folder, { recursive: true, force: true })
  }
}
