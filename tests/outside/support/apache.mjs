// Debian's Apache with mod_oauth2 in front of one file: each folder verifies access tokens in another way.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, readFile, rm, watch, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free_port.mjs'

const MODULES = '/usr/lib/apache2/modules'

/** `folders`: by name, how tokens are verified there (OAuth2TokenVerify) and which claims they must have. */
const configuration = (folder, port, folders) => `
ServerName localhost
ServerRoot ${folder}
DefaultRuntimeDir ${folder}
PidFile ${folder}/apache.pid
Listen 127.0.0.1:${port}
ErrorLog ${folder}/error.log
LogLevel warn
LoadModule mpm_event_module ${MODULES}/mod_mpm_event.so
LoadModule authn_core_module ${MODULES}/mod_authn_core.so
LoadModule authz_core_module ${MODULES}/mod_authz_core.so
LoadModule dir_module ${MODULES}/mod_dir.so
LoadModule oauth2_module ${MODULES}/mod_oauth2.so
User www-data
Group www-data
StartServers 1
ServerLimit 1
ThreadsPerChild 4
MaxRequestWorkers 4
DocumentRoot ${folder}/site
${Object.entries(folders).map(([name, { verify, claims }]) => `
<Location "/${name}">
  AuthType oauth2
  OAuth2TokenVerify ${verify}
  <RequireAll>
    ${Object.entries(claims).map(([claim, value]) => `Require oauth2_claim ${claim}:${value}`).join('\n    ')}
  </RequireAll>
</Location>`).join('')}
`

export class Apache {
  static async start(folders) {
    for (let tries = 0; ; ++tries) {
      const apache = await Apache.#start(folders)
      if (apache) return apache
      if (tries === 4) throw new Error('Apache found no free port')
    }
  }

  /** Undefined if somebody else took the port meanwhile. */
  static async #start(folders) {
    const apache = new Apache()
    apache.folder = await mkdtemp(join(tmpdir(), 'tally-apache-'))
    await chmod(apache.folder, 0o755) // its workers are another user
    apache.port = await freePort()
    for (const name of Object.keys(folders)) {
      await mkdir(join(apache.folder, 'site', name), { recursive: true })
      await writeFile(join(apache.folder, 'site', name, 'index.html'), 'served')
    }
    const file = join(apache.folder, 'apache.conf')
    await writeFile(file, configuration(apache.folder, apache.port, folders))
    const stop = new AbortController()
    const changes = watch(apache.folder, { signal: stop.signal })
    apache.process = spawn('/usr/sbin/apache2', ['-f', file, '-D', 'FOREGROUND'], { stdio: ['ignore', 'ignore', 'pipe'] })
    apache.log = ''
    apache.process.stderr.on('data', (piece) => (apache.log += piece))
    apache.ended = once(apache.process, 'exit')
    apache.ended.then(() => stop.abort())
    const ready = join(apache.folder, 'apache.pid') // written when the port is taken
    try {
      if (!existsSync(ready)) for await (const change of changes) if (change.filename === 'apache.pid') break
    } catch {
      apache.log += await readFile(join(apache.folder, 'error.log'), 'utf8').catch(() => '')
      await rm(apache.folder, { recursive: true, force: true })
      if (/could not bind to address/.test(apache.log)) return undefined
      throw new Error('Apache did not start: ' + apache.log)
    }
    return apache
  }

  async ask(folder, token) {
    const headers = token ? { authorization: `Bearer ${token}` } : {}
    const response = await fetch(`http://127.0.0.1:${this.port}/${folder}/`, { headers })
    return { status: response.status, headers: response.headers, text: await response.text() }
  }

  async stop() {
    this.process.kill('SIGTERM')
    await this.ended
    await rm(this.folder, { recursive: true, force: true })
  }
}
