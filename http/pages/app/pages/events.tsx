// Events as people read them: what happened, by whom, when, from where, through what.
import type { ComponentChildren } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { Event as LedgerEvent, EventPage } from '../../generated/types'
import { call, query, workspacePath } from '../core/api'
import { useAction, useLoad } from '../core/hooks'
import { urlOf } from '../core/router'
import { useWorkspace } from '../core/session'
import { formatExact, formatNumber, t, tn, tOr } from '../i18n'
import { Ago, Badge, CopyButton, shortId } from '../ui/basics'
import { Icon, type IconName } from '../ui/icons'

export const GROUPS = {
  issued: ['TokenGenerated', 'LegacyTokenImported'],
  refreshed: ['TokenRefreshed', 'TokenRefreshRetried', 'AccessExchanged'],
  stopped: ['TokenDisabled', 'TokenDeleted', 'AccessRevoked', 'DescendantsDisabled', 'CutOffMoved', 'TokenReuseDetected', 'CommandDenied'],
  people: ['WorkspaceCreated', 'PolicyChanged', 'MemberAdded', 'MemberRoleChanged', 'MemberRemoved', 'OffboardingCompleted', 'ResourceServerAdded', 'ResourceServerRemoved'],
  audit: ['AuditRead', 'ExportStarted', 'ExportCompleted'],
} as const
export type Group = keyof typeof GROUPS
export const GROUP_NAMES = Object.keys(GROUPS) as Group[]

/** The group of a type; a type newer than this page is none of them. */
export function groupOf(type: string): Group | undefined {
  return GROUP_NAMES.find((group) => (GROUPS[group] as readonly string[]).includes(type))
}

const ICONS: Record<Group, IconName> = { issued: 'plus', refreshed: 'refresh', stopped: 'stop', people: 'people', audit: 'eye' }

export const titleOfType = (type: string) => tOr(`event.${type}`, type)

const EVENTS_PER_PAGE = 50

/** Events of the workspace's resource at `path`, the newest first, a page at a time; loaded anew when the question changes. */
export function useEvents(path: string, parameters: Record<string, string | undefined>) {
  const { workspace } = useWorkspace()
  const [older, setOlder] = useState<LedgerEvent[]>([])
  const [next, setNext] = useState<number>()
  // An older page belongs to the list that it was asked for: a list that is asked for or comes meanwhile is another.
  const list = useRef(0)
  const pathOf = (before?: number) => workspacePath(workspace.id, path + query({ ...parameters, order: 'newest', before, limit: EVENTS_PER_PAGE }))
  const newest = useLoad(JSON.stringify([path, parameters]), async (signal) => {
    list.current += 1
    const page = await call<EventPage>(pathOf(), { signal })
    list.current += 1
    setOlder([])
    setNext(page.next_before)
    return page.items
  })
  const more = useAction(async () => {
    const asked = list.current
    const page = await call<EventPage>(pathOf(next))
    if (asked !== list.current) return
    setOlder([...older, ...page.items])
    setNext(page.next_before)
  })
  return { newest, more, events: [...(newest.data ?? []), ...older], hasMore: next !== undefined }
}

/** What the people are called that an event names by their ids. */
export type Names = ReadonlyMap<string, string>
const NO_NAMES: Names = new Map()

const text = (value: unknown): string => (typeof value === 'string' ? value : typeof value === 'number' ? formatNumber(value) : '')

/** What is worth saying of an event's data in one line. */
function remarkOf({ data, subject }: LedgerEvent, names: Names): string {
  if (data['filter'] === 'live') return t('event.live')
  const user = text(data['user_id']) || (subject.kind === 'user' ? (subject.id ?? '') : '')
  const parts = [
    user && (names.get(user) ?? user),
    text(data['name']),
    data['cause'] ? tOr(`cause.${text(data['cause'])}`, text(data['cause'])) : '',
    text(data['reason']),
    data['access'] === 'revoke' ? t('event.access_too') : '',
    data['role'] ? tOr(`role.${text(data['role'])}`, text(data['role'])) : '',
    text(data['format']),
    text(data['filter']),
    data['issued_before'] ? formatExact(text(data['issued_before'])) : '',
    data['items'] !== undefined ? t('event.items', { count: text(data['items']) }) : '',
    data['events_exported'] !== undefined ? t('event.items', { count: text(data['events_exported']) }) : '',
    data['has_more_tokens'] || data['has_more_descendants'] ? t('event.more_tokens') : '',
    typeof data['tokens_disabled'] === 'number' ? tn('leave.tokens', data['tokens_disabled']) : '',
    data['access_revoked'] ? tn('leave.revoked', Number(data['access_revoked'])) : '',
  ]
  return parts.filter(Boolean).join(' · ')
}

function ActorName({ event }: { event: LedgerEvent }) {
  const { actor } = event
  if (actor.kind === 'system') return <>{t('actor.system')}</>
  if (actor.kind === 'client') return <>{t('actor.client')}</>
  return <span title={actor.id}>{actor.username ?? actor.id ?? t(`actor.${actor.kind}`)}</span>
}

/** With what the actor acted, and a link to whose it was, if that is another token than the event's. */
function ActedWith({ event }: { event: LedgerEvent }) {
  const { workspace } = useWorkspace()
  const { kind = 'none', token_id: token } = event.credential ?? {}
  if (kind === 'none') return null
  const word = tOr(`credential.${kind}`, kind)
  if (!token || token === event.token_id) return <> · {word}</>
  return <> · <a href={urlOf(workspace.id, 'tokens', token)} title={token}>{t('credential.of', { credential: word, token: shortId(token) })}</a></>
}

/** The same in full, with ids to copy. */
function CredentialFacts({ event }: { event: LedgerEvent }) {
  const { kind = 'none', token_id: token, access_token_id: accessToken } = event.credential ?? {}
  if (kind === 'none') return null
  return (
    <>
      <Detail name={t('credential')}>{tOr(`credential.${kind}`, kind)}{token && <> <code>{token}</code> <CopyButton text={token} label={t('token.id')} /></>}</Detail>
      {accessToken && <Detail name={t('credential.access_token_id')}><code>{accessToken}</code> <CopyButton text={accessToken} label={t('credential.access_token_id')} /></Detail>}
    </>
  )
}

function Detail({ name, children }: { name: string; children: ComponentChildren }) {
  return <div><dt>{name}</dt><dd>{children}</dd></div>
}

interface EventItemProps {
  event: LedgerEvent
  /** Leads to the token; not where the page is about that token. */
  linksToken?: boolean
  receipts?: boolean
  isNew?: boolean
  names?: Names
}

export function EventItem({ event, linksToken = false, receipts = false, isNew = false, names = NO_NAMES }: EventItemProps) {
  const [open, setOpen] = useState(false)
  const { workspace } = useWorkspace()
  const group = groupOf(event.type)
  const remark = remarkOf(event, names)
  return (
    <li class={`event ${group ?? 'other'} ${isNew ? 'new' : ''}`} data-sequence={event.sequence}>
      <span class="event-icon"><Icon name={group ? ICONS[group] : 'audit'} size={15} /></span>
      <div class="event-body">
        <p class="event-title">
          <strong>{titleOfType(event.type)}</strong>
          {remark && <span class="event-remark">{remark}</span>}
        </p>
        <p class="event-line">
          <ActorName event={event} /><ActedWith event={event} /> · <Ago time={event.recorded_at} /> · {tOr(`via.${event.via}`, event.via)}
          {event.source_ip && <> · <span class="address">{event.source_ip}</span></>}
          {linksToken && event.token_id && <> · <a href={urlOf(workspace.id, 'tokens', event.token_id)}>{t('event.token')}</a></>}
        </p>
        {open && (
          <dl class="facts event-facts">
            <Detail name={t('event.sequence')}>{event.sequence}</Detail>
            <Detail name={t('event.time')}>{formatExact(event.recorded_at)}</Detail>
            <Detail name={t('event.id')}><code>{event.id}</code> <CopyButton text={event.id} label={t('event.id')} /></Detail>
            <CredentialFacts event={event} />
            {event.request_id && <Detail name={t('problem.request')}><code>{event.request_id}</code> <CopyButton text={event.request_id} label={t('problem.request')} /></Detail>}
            {event.user_agent && <Detail name={t('event.agent')}>{event.user_agent}</Detail>}
            <Detail name={t('event.data')}><pre tabIndex={0} role="region" aria-label={t('event.data')}>{JSON.stringify(event.data, null, 2)}</pre></Detail>
          </dl>
        )}
      </div>
      <div class="event-side">
        {isNew && <Badge tone="accent">{t('event.new')}</Badge>}
        {receipts && <a class="icon-button" download href={workspacePath(workspace.id, `/events/${event.sequence}/receipt`)} aria-label={t('receipt')} title={t('receipt')}><Icon name="download" /></a>}
        <button type="button" class="icon-button" aria-expanded={open} aria-label={t('event.details', { number: event.sequence })} title={t('details')} onClick={() => setOpen(!open)}>
          <Icon name={open ? 'up' : 'down'} />
        </button>
      </div>
    </li>
  )
}
