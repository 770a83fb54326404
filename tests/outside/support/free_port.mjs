// A port that is free at the moment, for programs that can not choose one themselves.
import { once } from 'node:events'
import net from 'node:net'

export async function freePort() {
  const server = net.createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  await new Promise((done) => server.close(done))
  return port
}
