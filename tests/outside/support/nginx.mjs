// An API behind nginx, which asks Tally about every request as docs/gateways.md says.
import { once } from 'node:events'
import http from 'node:http'
import { Gateway } from './gateways.mjs'

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

export const Nginx = {
  /** `query`: what nginx says it guards, such as ?workspace=ws_…. */
  start: (tally, apiPort, query) => Gateway.start('nginx', { tally, api: `http://127.0.0.1:${apiPort}`, query: `${query}&refresh=yes` }),
}
