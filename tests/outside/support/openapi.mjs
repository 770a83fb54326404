// Holds every answer against the OpenAPI document that the server itself serves.
import assert from 'node:assert/strict'
import Ajv2020 from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'

export class ResponseChecker {
  static async load(url, get = fetch) {
    const response = await get(url + '/openapi.json')
    assert.equal(response.status, 200)
    return new ResponseChecker(await response.json())
  }

  constructor(document) {
    this.document = document
    this.ajv = new Ajv2020({ strict: false, allErrors: true })
    addFormats.default ? addFormats.default(this.ajv) : addFormats(this.ajv)
    this.ajv.addSchema(document, 'openapi')
    this.templates = Object.keys(document.paths).map((template) => ({
      template,
      literal: template.replace(/\{[^}]*\}/g, '').length,
      pattern: new RegExp('^' + template.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{[^}]*\}/g, '[^/:]+') + '$'),
    }))
    this.templates.sort((left, right) => right.literal - left.literal)
    this.validators = new Map()
  }

  /** Follows a local reference, and says where it led. */
  resolve(node, pointer) {
    while (node?.$ref) {
      pointer = node.$ref
      node = pointer.slice(2).split('/').reduce((at, part) => at[part.replace(/~1/g, '/').replace(/~0/g, '~')], this.document)
    }
    return { node, pointer }
  }

  static escape(part) {
    return part.replace(/~/g, '~0').replace(/\//g, '~1')
  }

  async check(method, target, response) {
    const path = new URL(target, 'http://unused').pathname
    const found = this.templates.find(({ pattern }) => pattern.test(path))
    if (!found) {
      assert.equal(response.status, 404, `${method} ${path} is not in openapi.json, yet answered ${response.status}`)
      return
    }
    const operation = this.document.paths[found.template][method.toLowerCase() === 'head' ? 'get' : method.toLowerCase()]
    if (!operation) {
      assert.equal(response.status, 405, `${method} ${found.template} is not in openapi.json, yet answered ${response.status}`)
      return
    }
    const escaped = ResponseChecker.escape
    const base = `#/paths/${escaped(found.template)}/${method.toLowerCase()}/responses`
    const status = String(response.status)
    const key = operation.responses[status] ? status : operation.responses.default ? 'default' : undefined
    assert.ok(key, `${method} ${found.template}: ${status} is not documented`)
    const { node, pointer } = this.resolve(operation.responses[key], `${base}/${key}`)
    const text = await response.text()
    for (const [name, header] of Object.entries(node.headers ?? {})) {
      const required = this.resolve(header).node.required
      if (required) assert.ok(response.headers.has(name), `${method} ${found.template} ${status}: header ${name} is missing`)
    }
    if (!node.content) {
      assert.equal(text, '', `${method} ${found.template} ${status}: a body that is not documented`)
      return
    }
    const type = (response.headers.get('content-type') ?? '').split(';')[0]
    if (method === 'HEAD') return
    assert.ok(node.content[type], `${method} ${found.template} ${status}: content type ${type} is not documented`)
    if (type === 'text/plain') {
      assert.ok(this.validator(`${pointer}/content/${escaped(type)}/schema`)(text), `${method} ${found.template} ${status}: ${text.slice(0, 2000)}`)
      return
    }
    if (!/json$/.test(type) || type.endsWith('ndjson') || type.endsWith('x-ndjson')) return
    const schemaPointer = `${pointer}/content/${escaped(type)}/schema`
    const validate = this.validator(schemaPointer)
    assert.ok(
      validate(JSON.parse(text)),
      `${method} ${found.template} ${status}: ${JSON.stringify(validate.errors?.slice(0, 5))}\n${text.slice(0, 2000)}`,
    )
  }

  validator(pointer) {
    if (!this.validators.has(pointer)) {
      const uri = 'openapi' + pointer.split('/').map((part, index) => (index === 0 ? part : encodeURIComponent(part))).join('/')
      this.validators.set(pointer, this.ajv.compile({ $ref: uri }))
    }
    return this.validators.get(pointer)
  }
}
