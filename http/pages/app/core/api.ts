// The one way to the server. The session is a cookie that no script can read; nothing here keeps a secret.

/** The server answered, and the answer is a refusal (RFC 9457). */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly requestId: string,
    readonly fields: Readonly<Record<string, string>>,
  ) {
    super(title)
  }
}

/** No answer came. */
export class Unreachable extends Error {}

type Listener = () => void
const endListeners = new Set<Listener>()

/** Called when an answer says that nobody is signed in any more. */
export function onSessionEnd(listener: Listener): Listener {
  endListeners.add(listener)
  return () => endListeners.delete(listener)
}

/** 128 random bits. crypto.randomUUID exists on https and localhost only. */
export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export interface CallOptions {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE'
  json?: unknown
  /** Bytes that go as they are, with this type. */
  upload?: { bytes: Blob; type: string }
  signal?: AbortSignal
  /** One key for one intention: a repeat of it does not act twice. */
  idempotencyKey?: string
  /** A refusal for want of a session is an answer like any other: nobody is sent to the sign-in. */
  expectsNobody?: boolean
}

interface ProblemBody {
  code?: string
  title?: string
  detail?: string
  instance?: string
  errors?: { field: string; message: string }[]
}

async function problemOf(response: Response): Promise<Problem> {
  let body: ProblemBody = {}
  try {
    body = (await response.json()) as ProblemBody
  } catch {
    // Whatever stands between the page and the server answers in its own form.
  }
  const fields: Record<string, string> = {}
  for (const { field, message } of body.errors ?? []) fields[field] ??= message
  const requestId = body.instance ?? response.headers.get('x-request-id') ?? ''
  return new Problem(response.status, body.code ?? '', body.title ?? response.statusText, body.detail ?? '', requestId, fields)
}

export async function request(path: string, options: CallOptions = {}): Promise<Response> {
  const headers: Record<string, string> = { accept: 'application/json' }
  const init: RequestInit = { method: options.method ?? 'GET', headers, credentials: 'same-origin', cache: 'no-store' }
  if (options.json !== undefined) {
    headers['content-type'] = 'application/json'
    init.body = JSON.stringify(options.json)
  } else if (options.upload) {
    headers['content-type'] = options.upload.type
    init.body = options.upload.bytes
  }
  if (options.idempotencyKey) headers['idempotency-key'] = options.idempotencyKey
  if (options.signal) init.signal = options.signal
  let response: Response
  try {
    response = await fetch(path, init)
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new Unreachable('no answer')
  }
  if (response.ok) return response
  const problem = await problemOf(response)
  if (problem.status === 401 && !options.expectsNobody) for (const listener of endListeners) listener()
  throw problem
}

export async function call<Answer>(path: string, options: CallOptions = {}): Promise<Answer> {
  const response = await request(path, options)
  if (response.status === 204) return undefined as Answer
  return (await response.json()) as Answer
}

/** A query string of what is there; empty if nothing is. */
export function query(values: Record<string, string | number | undefined>): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== '') parameters.set(name, String(value))
  }
  const text = parameters.toString()
  return text ? `?${text}` : ''
}

export interface Page<Item> {
  items: Item[]
  next_cursor?: string
}

/** A page of a list. One that has looked at enough rows can be empty without being the end: then the next one is asked for. */
export async function callPage<Item>(path: string, signal: AbortSignal): Promise<Page<Item>> {
  const first = new URL(path, location.origin)
  for (;;) {
    const page = await call<Page<Item>>(first.pathname + first.search, { signal })
    if (page.items.length > 0 || !page.next_cursor) return page
    first.searchParams.set('cursor', page.next_cursor)
  }
}

/** All items of a list that is short by nature: people of a workspace, its resource servers. */
export async function callAll<Item>(path: string, signal?: AbortSignal): Promise<Item[]> {
  const items: Item[] = []
  let cursor: string | undefined
  do {
    const page: { items: Item[]; next_cursor?: string } = await call(path + query({ limit: 1000, cursor }), signal ? { signal } : {})
    items.push(...page.items)
    cursor = page.next_cursor
  } while (cursor)
  return items
}

export const workspacePath = (workspace: string, below = '') => `/v1/workspaces/${workspace}${below}`
