// Debian's nginx in front of a small API, asking Tally about every request (auth_request). Listens on a Unix socket: no port.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, watch, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Answers with what the proxy told it about the caller. */
export async function startApi() {
  const api = http.createServer((request, response) => {
    request.resume()
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({
      method: request.method, path: request.url,
      subject: request.headers['tally-subject'], workspace: request.headers['tally-workspace'],
      token: request.headers['tally-token'], scope: request.headers['tally-scope'],
      refresh_token: request.headers['tally-refresh-token'],
    }))
  })
  api.listen(0, '127.0.0.1')
  await once(api, 'listening')
  return { port: api.address().port, stop: () => new Promise((done) => { api.closeAllConnections?.(); api.close(done) }) }
}

const configuration = (folder, tally, apiPort, query) => `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr warn;
events { worker_connections 64; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen unix:${folder}/nginx.sock;
    location / {
      auth_request /_tally;
      auth_request_set $tally_subject $upstream_http_tally_subject;
      auth_request_set $tally_workspace $upstream_http_tally_workspace;
      auth_request_set $tally_token $upstream_http_tally_token;
      auth_request_set $tally_scope $upstream_http_tally_scope;
      auth_request_set $tally_access $upstream_http_tally_access_token;
      auth_request_set $tally_access_expires_in $upstream_http_tally_access_token_expires_in;
      auth_request_set $tally_refresh $upstream_http_tally_refresh_token;
      add_header Tally-Access-Token $tally_access always;
      add_header Tally-Access-Token-Expires-In $tally_access_expires_in always;
      add_header Tally-Refresh-Token $tally_refresh always;
      add_header Cache-Control no-store always;
      proxy_set_header Tally-Subject $tally_subject;
      proxy_set_header Tally-Workspace $tally_workspace;
      proxy_set_header Tally-Token $tally_token;
      proxy_set_header Tally-Scope $tally_scope;
      proxy_set_header Tally-Refresh-Token "";
      proxy_pass http://127.0.0.1:${apiPort};
    }
    location = /_tally {
      internal;
      proxy_pass ${tally}/forward-auth${query};
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
    }
  }
}
`

export class Nginx {
  /** `query`: what nginx says it guards, such as ?workspace=ws_…. */
  static async start(tally, apiPort, query = '') {
    const nginx = new Nginx()
    nginx.folder = await mkdtemp(join(tmpdir(), 'tally-nginx-'))
    nginx.socket = join(nginx.folder, 'nginx.sock')
    const ready = join(nginx.folder, 'nginx.pid') // written once it listens
    const file = join(nginx.folder, 'nginx.conf')
    await writeFile(file, configuration(nginx.folder, tally, apiPort, query))
    const stop = new AbortController()
    const changes = watch(nginx.folder, { signal: stop.signal })
    nginx.process = spawn('/usr/sbin/nginx', ['-c', file, '-p', nginx.folder], { stdio: ['ignore', 'ignore', 'pipe'] })
    nginx.log = ''
    nginx.process.stderr.on('data', (piece) => (nginx.log += piece))
    nginx.ended = once(nginx.process, 'exit')
    nginx.ended.then(() => stop.abort())
    try {
      if (!existsSync(ready)) for await (const change of changes) if (change.filename === 'nginx.pid') break
    } catch {
      throw new Error('nginx did not start: ' + nginx.log)
    }
    return nginx
  }

  ask(path, headers = {}, method = 'GET') {
    return new Promise((resolve, reject) => {
      const request = http.request({ socketPath: this.socket, path, method, headers, agent: false }, (response) => {
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
