// fetch over HTTPS with authorities and a certificate of one's own, which Node.js's fetch can not be given.
import https from 'node:https'

/** `tls`: ca, and perhaps cert and key. Headers, body and redirects as plainly as the tests need them. */
export function httpsFetch(url, { method = 'GET', headers = {}, body } = {}, tls = {}) {
  return new Promise((resolve, reject) => {
    const bytes = body instanceof URLSearchParams ? body.toString() : body
    const sent = new Headers(headers)
    if (body instanceof URLSearchParams && !sent.has('content-type')) sent.set('content-type', 'application/x-www-form-urlencoded')
    if (bytes !== undefined) sent.set('content-length', String(Buffer.byteLength(bytes)))
    const request = https.request(url, { method, headers: Object.fromEntries(sent), agent: false, ...tls }, (response) => {
      const pieces = []
      response.on('data', (piece) => pieces.push(piece))
      response.on('error', reject)
      response.on('end', () => {
        const received = new Headers()
        for (let at = 0; at < response.rawHeaders.length; at += 2) received.append(response.rawHeaders[at], response.rawHeaders[at + 1])
        const empty = response.statusCode === 204 || response.statusCode === 304
        resolve(new Response(empty ? null : Buffer.concat(pieces), { status: response.statusCode, headers: received }))
      })
    })
    request.on('error', reject)
    request.end(bytes)
  })
}
