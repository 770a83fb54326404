// What the API answers, as /openapi.json says it. Fields that a page does not need are left out.

export type Role = 'member' | 'admin' | 'auditor'
export type TokenStatus = 'active' | 'disabled' | 'expired' | 'deleted'
export type Access = 'keep' | 'revoke'
/** What a person is to the server as a whole, beside their roles in workspaces. */
export type Standing = 'none' | 'operator' | 'break_glass' | 'auditor'

export interface Person {
  id: string
  username?: string
  display_name?: string
}

export interface User {
  id: string
  username: string
  display_name: string
  email?: string
  is_operator: boolean
  standing: Standing
  created_at: string
  deactivated_at?: string
}

export interface Membership {
  id: string
  name: string
  role: Role
}

export interface Session {
  user: User
  workspaces: Membership[]
}

export interface Policy {
  max_lifetime_days: number
  who_may_generate: 'members' | 'admins'
  max_active_tokens_per_user: number
  access_token_seconds: number
  refresh_retry_seconds: number
  allowed_scopes: string[]
  legacy_sunset_at?: string
  /** Where the server knows opaque access tokens. */
  access_token_format?: 'jwt' | 'opaque'
}

export interface Workspace {
  id: string
  name: string
  created_at: string
  client_id: string
  token_endpoint: string
  audience: string
  role?: Role
  cut_off_at?: string
  policy: Policy
}

export interface Actor {
  kind: 'user' | 'client' | 'operator' | 'system'
  id?: string
  username?: string
}

export interface Token {
  id: string
  name: string
  status: TokenStatus
  owner: Person
  scope: string
  created_at: string
  expires_at: string
  last_refreshed_at?: string
  last_used_at?: string
  refresh_count: number
  disabled_at?: string
  disabled_cause?: string
  disabled_by?: Actor
  disabled_reason?: string
  kind: 'oauth2' | 'legacy'
  /** The token that generated it. */
  parent_token_id?: string
}

export interface GeneratedToken {
  token: Token
  access_token: string
  expires_in: number
  refresh_token: string
  refresh_token_expires_in: number
}

export interface Page<Item> {
  items: Item[]
  next_cursor?: string
}

export type Outcome = 'disabled' | 'already_disabled' | 'deleted' | 'not_found' | 'forbidden'

export interface BatchResult {
  id: string
  outcome: Outcome
}

export interface Member {
  user: Person
  role: Role
  added_at: string
}

/** What became of the tokens of somebody who left, and until when one of their access tokens may be good. */
export interface Farewell {
  tokens_disabled: number
  access_revoked: number
  sessions_ended: number
  workspaces_without_admin: string[]
  dead_here_at: string
  dead_in_status_lists_by: string
  dead_everywhere_by: string
}

export interface ResourceServer {
  id: string
  name: string
  created_at: string
}

export interface NewResourceServer extends ResourceServer {
  secret: string
}

/** With what an actor acted. */
export interface Credential {
  kind: string
  token_id?: string
  access_token_id?: string
}

export interface LedgerEvent {
  sequence: number
  id: string
  type: string
  recorded_at: string
  token_id?: string
  subject: { kind: string; id?: string }
  actor: Actor
  via: 'page' | 'api' | 'cli' | 'oauth' | 'system'
  /** Absent in events of before it was kept. */
  credential?: Credential
  request_id?: string
  source_ip?: string
  user_agent?: string
  data: Record<string, unknown>
}

export interface EventPage {
  items: LedgerEvent[]
  next_before?: number
}

export interface EventDay {
  begin: string
  end: string
  counts: Record<string, number>
}
