// node build.mjs OUTPUT.cpp: bundles the pages, compresses what comes out, and writes it all as C++ for asset.hpp.
// node build.mjs --sizes: prints what each file weighs.
// Both read generated/openapi.json, which the build makes, or npm run generate.
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const here = dirname(fileURLToPath(import.meta.url))
const DOCUMENT_PATH = '/app'
/** What a first visit may load, compressed with gzip. */
const BYTES_MAX = 100 * 1024

const hashOf = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 16)

async function bundle(entry) {
  const result = await build({
    entryPoints: [join(here, 'app', entry)],
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    target: ['chrome111', 'firefox113', 'safari16.4'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    charset: 'utf8',
    tsconfig: join(here, 'tsconfig.json'),
    logLevel: 'warning',
  })
  return Buffer.from(result.outputFiles[0].contents)
}

function compressed(bytes) {
  const gzip = gzipSync(bytes, { level: 9 })
  const brotli = brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  })
  return {
    gzip: gzip.length < bytes.length ? gzip : Buffer.alloc(0),
    brotli: brotli.length < bytes.length ? brotli : Buffer.alloc(0),
  }
}

function asset(path, type, bytes) {
  return { path, type, hash: hashOf(bytes), identity: bytes, ...compressed(bytes) }
}

function immutable(name, extension, type, bytes) {
  return asset(`/assets/${name}-${hashOf(bytes)}.${extension}`, type, bytes)
}

/** What the pages want to know of the API that is served beside them (app/core/features.ts). */
function readFeatures({ components, paths }) {
  const workspace = '/v1/workspaces/{workspace}'
  const offers = (method, path) => paths[path]?.[method] !== undefined
  return {
    exportFormats: components.schemas.ExportFormat.enum,
    eventTypes: components.schemas.EventType.enum,
    ledger: offers('get', '/v1/ledger/checkpoint'),
    receipts: offers('get', `${workspace}/events/{sequence}/receipt`),
    legacy: offers('post', `${workspace}/legacy-tokens:import`),
  }
}

const attribute = (text) => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;')

async function makeAssets() {
  const script = immutable('app', 'js', 'text/javascript; charset=utf-8', await bundle('main.tsx'))
  const style = immutable('app', 'css', 'text/css; charset=utf-8', await bundle('style.css'))
  const icon = immutable('icon', 'svg', 'image/svg+xml', readFileSync(join(here, 'app/icon.svg')))
  const document = readFileSync(join(here, 'app/index.html'), 'utf8')
    .replace('{{script}}', script.path)
    .replace('{{style}}', style.path)
    .replace('{{icon}}', icon.path)
    .replace('{{features}}', () => attribute(JSON.stringify(readFeatures(JSON.parse(readFileSync(join(here, 'generated/openapi.json'), 'utf8'))))))
  return [asset(DOCUMENT_PATH, 'text/html; charset=utf-8', Buffer.from(document)), script, style, icon]
}

function cppBytes(name, bytes) {
  const lines = []
  for (let at = 0; at < bytes.length; at += 64) lines.push(Array.from(bytes.subarray(at, at + 64)).join(',') + ',')
  return bytes.length === 0 ? '' : `const unsigned char ${name}[] = {\n${lines.join('\n')}\n};\n`
}

function cpp(assets) {
  const view = (name, bytes) => (bytes.length === 0 ? '{}' : `view_of(${name}, sizeof ${name})`)
  const forms = ['identity', 'gzip', 'brotli']
  const arrays = assets.flatMap((one, index) => forms.map((form) => cppBytes(`k${form}${index}`, one[form])))
  const rows = assets.map((one, index) =>
    `    {"${one.path}", {"${one.type}", "${one.hash}", ${forms.map((form) => view(`k${form}${index}`, one[form])).join(', ')}}},`)
  return `#include "http/pages/asset.hpp"

namespace tally::http {
namespace {
${arrays.join('')}
std::string_view view_of(const unsigned char* bytes, unsigned long size) { return {reinterpret_cast<const char*>(bytes), size}; }
}  // namespace

std::span<const Asset> embedded_assets() {
  static const Asset kAssets[] = {
${rows.join('\n')}
  };
  return kAssets;
}

}  // namespace tally::http
`
}

const assets = await makeAssets()
const total = (form) => assets.reduce((sum, one) => sum + (one[form].length || one.identity.length), 0)
if (total('gzip') > BYTES_MAX) {
  console.error(`the pages weigh ${total('gzip')} bytes compressed; at most ${BYTES_MAX}`)
  process.exit(1)
}
const target = process.argv[2]
if (!target || (target.startsWith('-') && target !== '--sizes')) {
  console.error('usage: build.mjs FILE.cpp | --sizes')
  process.exit(2)
}
if (target === '--sizes') {
  for (const one of assets) console.log(one.path, one.identity.length, one.gzip.length, one.brotli.length)
  console.log('all', total('identity'), total('gzip'), total('brotli'))
} else {
  writeFileSync(target, cpp(assets))
}
