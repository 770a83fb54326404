// The proxies of docs/gateways.md, as the page configures them: the text that runs is the page's own, with the addresses of the test put in.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { watch } from 'node:fs'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from './free_port.mjs'

const page = await readFile(new URL('../../../docs/gateways.md', import.meta.url), 'utf8')

/** The block of the page that is a file of that name, below the heading. */
export function documented(heading, file) {
  const section = page.split(/^## /m).find((part) => part.startsWith(heading + '\n'))
  const block = section && [...section.matchAll(/^```\S+ file=(\S+)\n([\s\S]*?)^```$/gm)].find((found) => found[1] === file)
  if (!block) throw new Error(`docs/gateways.md has no ${file} below "${heading}"`)
  return block[2]
}

/** Every one of them must be there: else the page says something else than what is tried. */
function fillIn(text, replacements) {
  for (const [written, meant] of Object.entries(replacements)) {
    if (!text.includes(written)) throw new Error(`docs/gateways.md does not say ${written}`)
    text = text.replaceAll(written, meant)
  }
  return text
}

const hostOf = (url) => url.replace('http://', '')

const kinds = {
  nginx: {
    files: (place) => ({
      'nginx.conf': `
daemon off;
master_process off;
pid ${place.folder}/nginx.pid;
error_log stderr notice;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path ${place.folder}/body;
  proxy_temp_path ${place.folder}/proxy;
  fastcgi_temp_path ${place.folder}/fastcgi;
  uwsgi_temp_path ${place.folder}/uwsgi;
  scgi_temp_path ${place.folder}/scgi;
  ${fillIn(documented('nginx', 'orders.conf'), {
    'listen 8000;': `listen 127.0.0.1:${place.port};`, 'http://127.0.0.1:8080': place.tally, 'http://127.0.0.1:3000': place.api,
    '?workspace=ws_01kb…&refresh=yes': place.query })}
}`,
    }),
    command: (place) => ['/usr/sbin/nginx', ['-c', join(place.folder, 'nginx.conf'), '-p', place.folder]],
    isReady: /start worker processes|using the "epoll" event method/,
    isPortTaken: /bind\(\) to .* failed/,
  },
  caddy: {
    files: (place) => ({
      Caddyfile: '{\n\tadmin off\n\tauto_https off\n\tdefault_bind 127.0.0.1\n}\n' + fillIn(documented('Caddy', 'Caddyfile'), {
        'http://:8000': `http://:${place.port}`, '127.0.0.1:8080': hostOf(place.tally), '127.0.0.1:3000': hostOf(place.api),
        '?workspace=ws_01kb…&refresh=yes': place.query }),
    }),
    command: (place) => ['/usr/bin/caddy', ['run', '--config', join(place.folder, 'Caddyfile'), '--adapter', 'caddyfile']],
    isReady: /serving initial configuration/,
    isPortTaken: /address already in use/,
  },
  haproxy: {
    files: (place) => ({
      'tally.lua': fillIn(documented('HAProxy', 'tally.lua'), {
        'http://127.0.0.1:8080': place.tally, '?workspace=ws_01kb…&refresh=yes': place.query }),
      'haproxy.cfg': fillIn(documented('HAProxy', 'haproxy.cfg'), {
        '/etc/haproxy/tally.lua': join(place.folder, 'tally.lua'), 'bind :8000': `bind 127.0.0.1:${place.port}`,
        '127.0.0.1:3000': hostOf(place.api) }),
    }),
    command: (place) => ['/usr/sbin/haproxy', ['-W', '-f', join(place.folder, 'haproxy.cfg')]],
    isReady: /Loading success/,
    isPortTaken: /cannot bind socket/,
  },
  apache: {
    files: (place) => ({
      'apache.conf': `
ServerName localhost
ServerRoot ${place.folder}
DefaultRuntimeDir ${place.folder}
PidFile ${place.folder}/apache.pid
Listen 127.0.0.1:${place.port}
ErrorLog ${place.folder}/error.log
LogLevel notice
${['mpm_event', 'authn_core', 'authz_core', 'headers', 'oauth2', 'proxy', 'proxy_http', 'unique_id']
    .map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`).join('\n')}
User www-data
Group www-data
StartServers 1
ServerLimit 1
ThreadsPerChild 4
MaxRequestWorkers 4
${fillIn(documented('Apache', 'orders.conf'), {
    '*:8000': `127.0.0.1:${place.port}`, 'http://127.0.0.1:8080': place.tally, 'http://127.0.0.1:3000': place.api,
    'ws_01kb…': place.workspace, 'rs_01kb…': place.resourceServer.id, 'tls_…': place.resourceServer.secret })}`,
    }),
    command: (place) => ['/usr/sbin/apache2', ['-f', join(place.folder, 'apache.conf'), '-D', 'FOREGROUND']],
    readyFile: 'apache.pid', // written when the port is taken
    isPortTaken: /could not bind to address/,
  },
}

export class Gateway {
  /**
   * `kind`: nginx, caddy, haproxy or apache. `tally`, `api`: URLs. `query`: what stands in the guard's URL in the place of the page's example;
   * of Apache, `workspace` and `resourceServer` {id, secret}.
   */
  static async start(kind, place) {
    for (let tries = 0; tries < 5; ++tries) {
      const gateway = await Gateway.#start(kind, place)
      if (gateway) return gateway
    }
    throw new Error(`${kind} found no free port`)
  }

  /** Undefined if somebody else took the port meanwhile. */
  static async #start(kind, given) {
    const gateway = new Gateway()
    gateway.folder = await mkdtemp(join(tmpdir(), `tally-${kind}-`))
    await chmod(gateway.folder, 0o755) // the workers of some are another user
    gateway.port = await freePort()
    const { files, command, isReady, readyFile, isPortTaken } = kinds[kind]
    const place = { ...given, folder: gateway.folder, port: gateway.port }
    for (const [name, text] of Object.entries(files(place))) await writeFile(join(gateway.folder, name), text)
    const changes = watch(gateway.folder)
    const [program, args] = command(place)
    const environment = { ...process.env, XDG_DATA_HOME: gateway.folder, XDG_CONFIG_HOME: gateway.folder, HOME: gateway.folder }
    gateway.process = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], env: environment })
    gateway.log = ''
    gateway.ended = once(gateway.process, 'exit')
    const isUp = await new Promise((resolve) => {
      gateway.process.stderr.on('data', (piece) => {
        gateway.log = (gateway.log + piece).slice(-100_000)
        if (isReady?.test(gateway.log)) resolve(true)
      })
      changes.on('change', (_, name) => { if (name === readyFile) resolve(true) })
      gateway.ended.then(() => resolve(false))
    })
    changes.close()
    if (isUp) return gateway
    gateway.log += await readFile(join(gateway.folder, 'error.log'), 'utf8').catch(() => '')
    await rm(gateway.folder, { recursive: true, force: true })
    if (isPortTaken.test(gateway.log)) return undefined
    throw new Error(`${kind} did not start: ${gateway.log}`)
  }

  /** `headers`: an object, or a list of names and values one after the other. `from`: the client's address. */
  ask(path, headers = {}, { method = 'GET', from = '127.0.0.1' } = {}) {
    return new Promise((resolve, reject) => {
      const to = { host: '127.0.0.1', port: this.port, localAddress: from, agent: false }
      const request = http.request({ ...to, path, method, headers }, (response) => {
        let text = ''
        response.on('data', (piece) => (text += piece))
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }))
      })
      request.on('error', reject)
      request.end()
    })
  }

  async stop() {
    this.process.kill('SIGTERM')
    await this.ended
    await rm(this.folder, { recursive: true, force: true })
  }
}

/** An HTTP server on a free port; `answer(request, response)` answers. */
export async function startStub(answer) {
  const stub = http.createServer((request, response) => {
    request.resume()
    answer(request, response)
  })
  stub.listen(0, '127.0.0.1')
  await once(stub, 'listening')
  const stop = () => new Promise((done) => { stub.closeAllConnections?.(); stub.close(done) })
  return { url: `http://127.0.0.1:${stub.address().port}`, stop }
}

/** An API that tells what reached it: its request line, and every field with its name as it came. */
export const startEcho = () => startStub((request, response) => {
  const fields = []
  for (let at = 0; at < request.rawHeaders.length; at += 2) fields.push([request.rawHeaders[at].toLowerCase(), request.rawHeaders[at + 1]])
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ method: request.method, path: request.url, fields }))
})
