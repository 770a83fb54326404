// What a start refuses, what it puts right, and what it leaves as it was.
import assert from 'node:assert/strict'
import { execFile, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmod, chown, lstat, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { promisify } from 'node:util'
import { Certificates } from './support/certificates.mjs'
import { OPERATOR_PASSWORD, Server } from './support/server.mjs'

const run = promisify(execFile)
const PROGRAM = process.env.TALLYD
const is_root = process.getuid() === 0
let folder
let certificates

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tally-start-'))
  certificates = await Certificates.make()
  await certificates.leaf('server', 'serverAuth')
})
after(async () => {
  await certificates.remove()
  await rm(folder, { recursive: true, force: true })
})

/** A start that ends by itself. */
async function ended(args, environment = {}) {
  const child = spawn(PROGRAM, args, { env: { ...process.env, TALLY_OPERATOR_PASSWORD: OPERATOR_PASSWORD, ...environment }, stdio: ['ignore', 'pipe', 'pipe'], timeout: 20_000 })
  let told = ''
  let printed = ''
  child.stderr.on('data', (piece) => (told += piece))
  child.stdout.on('data', (piece) => (printed += piece))
  const [code] = await once(child, 'close')
  return { code, told, printed }
}

/** Every file and folder below `path`: its mode, and what is in it. */
async function digest(path) {
  const hash = createHash('sha256')
  const visit = async (at) => {
    const found = await lstat(at).catch(() => undefined)
    if (!found) return hash.update(`${at} absent\n`)
    hash.update(`${at} ${found.mode} ${found.uid}\n`)
    if (found.isDirectory()) for (const name of (await readdir(at)).sort()) await visit(join(at, name))
    if (found.isFile() && !at.endsWith('/ledger/reserve')) hash.update(await readFile(at))
  }
  await visit(path)
  return hash.digest('hex')
}

async function secret(name, mode, text = 'a password that is long\n') {
  const path = join(folder, name)
  await writeFile(path, text)
  await chmod(path, mode)
  return path
}

/** A folder with a ledger, whose server has ended. */
async function used(name, args = []) {
  const server = await Server.start({ dataFolder: join(folder, name), args })
  await server.stop()
  return { path: join(folder, name), warnings: lines(server) }
}

const lines = (server) => server.log.trim().split('\n').map((line) => JSON.parse(line)).filter((line) => line.level === 'warning')

test('what is refused has its status and sentence, and changes nothing', async (t) => {
  const { path } = await used('refused')
  const tls = (key) => ['--tls-certificate', certificates.path('server.pem'), '--tls-key', key]
  const key = await readFile(certificates.path('server.key'))
  const config = join(folder, 'dashes.toml')
  await writeFile(config, 'log-level = "info"\n')
  await run('mkfifo', [join(folder, 'pipe')])
  const large = join(folder, 'large.toml')
  await writeFile(large, '#'.repeat((1 << 20) + 1))
  const other = 'other+00000000+AAAA'
  const open = ['--listen', '127.0.0.1:0']
  const table = [
    ['a variable that is nearly one', open, 2, /TALLY_LISTN: means nothing; did you mean TALLY_LISTEN\?/, { TALLY_LISTN: 'x' }],
    ['a folder as the file', [...open, '--config', folder], 2, /config: is a folder/],
    ['a pipe as the file', [...open, '--config', join(folder, 'pipe')], 2, /config: is not a file/],
    ['a large file', [...open, '--config', large], 2, /config: .*larger than/],
    ['a key with dashes', [...open, '--config', config], 2, /write log_level/],
    ['a password for all', [...open, '--operator-password-file', await secret('all', 0o644)], 2, /operator_password_file: .*chmod 600/, { TALLY_OPERATOR_PASSWORD: undefined }],
    ['a password for the group', [...open, '--operator-password-file', await secret('group', 0o640)], 2, /operator_password_file: .*chmod 600/, { TALLY_OPERATOR_PASSWORD: undefined }],
    ['a TLS key for all', [...open, ...tls(await secret('key', 0o644, key))], 2, /tls_key: .*chmod 640/],
    ['a TLS key that the group may write', [...open, ...tls(await secret('group-key', 0o660, key))], 2, /tls_key: .*chmod 640/],
    ['http with TLS', [...open, ...tls(certificates.path('server.key')), '--issuer', 'http://localhost'], 2, /issuer: is http:\/\/ with TLS/],
    ['http of others', [...open, '--issuer', 'http://tokens.example.com'], 2, /issuer: is http:/],
    ['a proxy without an issuer', [...open, '--behind-proxy'], 2, /issuer: is required/],
    ['a key that is none', [...open, '--expect-ledger-key', other], 2, /expect_ledger_key: /],
    ['a new ledger where there is one', [...open, '--init'], 3, /there is a ledger in .* already/],
  ]
  const was = await digest(path)
  for (const [name, args, status, sentence, environment] of table) {
    await t.test(name, async () => {
      const { code, told } = await ended(['--data-dir', path, ...args], environment)
      assert.equal(code, status, told)
      assert.match(told, sentence)
      assert.equal(await digest(path), was)
    })
  }
})

test('a folder without a ledger gets none unless that is said', async (t) => {
  const empty = join(folder, 'empty')
  await mkdir(empty, { mode: 0o700 })
  const refusals = [
    ['refuse, an empty folder', empty, ['--new-ledger', 'refuse']],
    ['refuse, no folder', join(folder, 'absent'), ['--new-ledger', 'refuse']],
    ['no parent', join(folder, 'absent', 'below'), []],
    ['no parent, though it is asked for', join(folder, 'absent', 'below'), ['--init']],
  ]
  for (const [name, path, args] of refusals) {
    await t.test(name, async () => {
      const was = await digest(folder)
      const { code, told } = await ended(['--data-dir', path, '--listen', '127.0.0.1:0', ...args])
      assert.equal(code, 3, told)
      assert.match(told, /is it mounted\?/)
      assert.equal(await digest(folder), was)
    })
  }
  await t.test('--init makes one and prints its key, which another start can ask for', async () => {
    const made = await Server.start({ dataFolder: empty, args: ['--new-ledger', 'refuse', '--init'] })
    const key = (await (await fetch(made.url + '/v1/ledger/key')).text()).trim()
    assert.deepEqual(lines(made), [])
    await made.stop()
    const again = await Server.start({ dataFolder: empty, args: ['--new-ledger', 'refuse', '--expect-ledger-key', key] })
    await again.stop()
    const { path } = await used('another')
    const { code, told } = await ended(['--data-dir', path, '--listen', '127.0.0.1:0', '--expect-ledger-key', key])
    assert.equal(code, 5, told)
    assert.match(told, /expect_ledger_key: the ledger in .* has another key/)
    const was = await digest(folder)
    const unmounted = await ended(['--data-dir', join(folder, 'unmounted'), '--listen', '127.0.0.1:0', '--expect-ledger-key', key])
    assert.equal(unmounted.code, 3, unmounted.told)
    assert.equal(await digest(folder), was)
  })
  await t.test('allow makes one, and says so', async () => {
    const { warnings } = await used('allowed')
    assert.match(warnings[0].message, /a new one is made/)
    assert.deepEqual((await used('allowed')).warnings.filter((line) => /new one/.test(line.message)), [])
  })
})

test('what others could read is closed, once, with the count', async () => {
  const path = join(folder, 'loose')
  await mkdir(path, { mode: 0o755 })
  await chmod(path, 0o755)
  const first = await used('loose')
  assert.equal(first.warnings.find((line) => /open to others/.test(line.message)).count, 1)
  assert.equal((await lstat(path)).mode & 0o777, 0o700)
  const modes = async () => {
    const found = new Set()
    for (const name of await readdir(path, { recursive: true })) {
      const { mode } = await lstat(join(path, name))
      if (mode & 0o077) found.add(name)
    }
    return found
  }
  assert.deepEqual(await modes(), new Set())
  await run('chmod', ['-R', 'go+rX', path])
  const second = await used('loose')
  assert.ok(second.warnings.find((line) => /open to others/.test(line.message)).count > 5)
  assert.deepEqual(await modes(), new Set())
  assert.deepEqual((await used('loose')).warnings, [])
})

test('a stranger reads no byte of a folder that was made for all', { skip: !is_root && 'needs root' }, async () => {
  const path = join(folder, 'made-before')
  await chmod(folder, 0o755)
  await mkdir(path)
  await chmod(path, 0o755)
  const server = await Server.start({ dataFolder: path })
  const seen = spawnSync('find', [path, '-type', 'f', '-readable'], { uid: 65534, gid: 65534, encoding: 'utf8' })
  assert.equal(seen.stdout, '')
  await server.stop()
  await chmod(folder, 0o700)
})

test('a folder of somebody else is refused with both ids', { skip: !is_root && 'needs root' }, async () => {
  const { path } = await used('of-nobody')
  await chown(join(path, 'keys', 'ledger.key'), 65534, 65534)
  const was = await digest(path)
  const { code, told } = await ended(['--data-dir', path, '--listen', '127.0.0.1:0'])
  assert.equal(code, 3)
  assert.match(told, /ledger\.key belongs to uid 65534, and this process is uid 0/)
  assert.equal(await digest(path), was)
})

test('another issuer is refused until it is accepted', async () => {
  const start = (issuer, args = []) => ['--issuer', issuer, ...args]
  const { path } = await used('issuer', start('https://a.example'))
  await used('issuer', start('https://a.example'))
  const { code, told } = await ended(['--data-dir', path, '--listen', '127.0.0.1:0', ...start('https://b.example')])
  assert.equal(code, 2)
  assert.match(told, /issuer: this ledger was given https:\/\/a\.example before.*--accept-issuer-change/)
  await used('issuer', start('https://b.example', ['--accept-issuer-change']))
  await used('issuer', start('https://b.example'))
  const back = await ended(['--data-dir', path, '--listen', '127.0.0.1:0', ...start('https://a.example')])
  assert.equal(back.code, 2)
  assert.match((await used('issuer')).warnings[0].message, /issuer that this ledger was given before is not used/)
})

test('a variable that means nothing is a warning, one of Kubernetes is none', async () => {
  const server = await Server.start({ dataFolder: join(folder, 'variables'), environment: { TALLY_GARDEN: 'x', TALLY_PORT: 'tcp://10.0.0.1:80', TALLY_SERVICE_HOST: '10.0.0.1' } })
  await server.stop()
  const told = lines(server).filter((line) => line.message === 'a setting is strange').map((line) => line.detail)
  assert.ok(told.some((detail) => detail.startsWith('TALLY_GARDEN: means nothing')))
  assert.ok(!told.some((detail) => /TALLY_PORT|TALLY_SERVICE_HOST/.test(detail)))
})

test('a certificate that ends soon is a warning', async () => {
  const server = await Server.start({ dataFolder: join(folder, 'certificate'), ca: await certificates.read('ca.pem'),
    args: ['--tls-certificate', certificates.path('server.pem'), '--tls-key', certificates.path('server.key')] })
  await server.stop()
  assert.ok(lines(server).some((line) => /certificate ends soon/.test(line.message) && line.expires_at))
})

test('no crash writes what the process knows, unless it is allowed', { skip: !is_root && 'needs root' }, async () => {
  // As a user of its own: /proc belongs to root where a process may not be looked into.
  const nobody = 65534
  const place = await mkdtemp(join(tmpdir(), 'tally-core-'))
  await chown(place, nobody, nobody)
  const found = async (...args) => {
    const child = spawn('bash', ['-c', 'ulimit -c unlimited && exec setpriv --reuid=65534 --regid=65534 --clear-groups "$0" "$@"', PROGRAM,
      '--data-dir', join(place, 'data'), '--listen', '127.0.0.1:0', ...args], { stdio: ['ignore', 'pipe', 'ignore'] })
    const exit = once(child, 'exit')
    let printed = ''
    for await (const piece of child.stdout) if ((printed += piece).includes('listening')) break
    const limits = await readFile(`/proc/${child.pid}/limits`, 'utf8')
    const { uid } = await lstat(`/proc/${child.pid}/mem`)
    child.kill('SIGTERM')
    await exit
    return [/Max core file size +(\S+)/.exec(limits)?.[1], uid]
  }
  try {
    assert.deepEqual(await found(), ['0', 0])
    const [allowed, owner] = await found('--core-dumps')
    assert.equal(owner, nobody)
    assert.notEqual(allowed, '0') // a sanitizer has a limit of its own
  } finally {
    await rm(place, { recursive: true, force: true })
  }
})

test('--check-config tells what a start would, and changes nothing', async (t) => {
  const check = async (args, environment) => {
    const was = await digest(folder)
    const { code, printed, told } = await ended(['--check-config', '--json', ...args], environment)
    assert.equal(await digest(folder), was)
    const report = JSON.parse(printed)
    assert.equal(report.status, code, told)
    return report
  }
  await t.test('good, beside a running server', async () => {
    const server = await Server.start({ dataFolder: join(folder, 'checked') })
    try {
      server.process.kill('SIGSTOP') // it signs its ledger now and then
      const report = await check(['--data-dir', server.dataFolder])
      assert.deepEqual([report.status, report.mistakes], [0, []])
    } finally {
      server.process.kill('SIGCONT')
    }
    assert.equal((await fetch(server.url + '/readyz')).status, 200)
    await server.stop()
  })
  await t.test('a new ledger and open modes are warnings', async () => {
    const path = join(folder, 'to-check')
    await mkdir(path)
    await chmod(path, 0o755)
    const report = await check(['--data-dir', path])
    assert.equal(report.status, 0)
    assert.match(report.warnings.map((warning) => warning.what).join('\n'), /a start would make one[^]*open to others/)
  })
  await t.test('settings, files, folders', async () => {
    assert.equal((await check(['--data-dir', join(folder, 'x'), '--listen', 'nonsense'])).status, 2)
    const bad = await check(['--data-dir', join(folder, 'x'), '--master-key-file', await secret('master', 0o644)])
    assert.equal(bad.status, 2)
    assert.equal(bad.mistakes[0].setting, 'master_key_file')
    assert.equal((await check(['--data-dir', join(folder, 'x', 'y')])).status, 3)
    assert.equal((await check(['--data-dir', join(folder, 'x'), '--new-ledger', 'refuse'])).status, 3)
  })
  await t.test('for people', async () => {
    const { code, printed } = await ended(['--check-config', '--data-dir', join(folder, 'x')])
    assert.equal(code, 0)
    assert.match(printed, /tallyd: warning: data_dir: .*\ntallyd: the configuration is good\n$/)
  })
})
