// The audit of a workspace: search, live view, chart, export, and the ledger's state where the server tells it.
import { useEffect, useState } from 'preact/hooks'
import type { Event as LedgerEvent } from '../../generated/types'
import { workspacePath } from '../core/api'
import { features } from '../core/features'
import { useWorkspace } from '../core/session'
import { t } from '../i18n'
import { Badge, Button, Empty, ErrorNote, PageHead, Skeleton } from '../ui/basics'
import { localInput } from '../ui/fields'
import { Icon } from '../ui/icons'
import { type AuditFilters, isKnown, NO_FILTERS, parametersOf } from './audit_filters'
import { Chart } from './chart'
import { EventItem, GROUP_NAMES, GROUPS, type Names, titleOfType, useEvents } from './events'
import { ExportDialog } from './export'
import { LedgerPanel } from './ledger'
import { nameOf, type Owner, useMembers } from './owners'

const LIVE_MAX = 200

export function AuditPage() {
  const people = useMembers()
  const [filters, setFilters] = useState(NO_FILTERS)
  const [asked, setAsked] = useState(NO_FILTERS)
  const [exports, setExports] = useState(false)
  const [live, setLive] = useState(false)
  const [seen, setSeen] = useState(-1)
  const { newest, more, events, hasMore } = useEvents('/events', parametersOf(asked))
  const names: Names = new Map(people.map((person) => [person.id, nameOf(person)]))
  return (
    <>
      <PageHead title={t('audit')} lead={t('audit.lead')}>
        <Button icon="live" look={live ? 'primary' : 'plain'} onClick={() => setLive(!live)}>{t(live ? 'live.stop' : 'live.start')}</Button>
        <Button icon="download" onClick={() => setExports(true)}>{t('export')}</Button>
      </PageHead>
      <Chart round={0} />
      {live && <Live names={names} onSeen={setSeen} />}
      {features.ledger && <LedgerPanel seen={Math.max(seen, events[0]?.sequence ?? -1)} />}
      <section class="panel padded" aria-label={t('events')}>
        <h2>{t('events')}</h2>
        <Filters people={people} filters={filters} onFilters={setFilters} onAsk={(given) => { setFilters(given); setAsked(given) }} isAsked={asked !== NO_FILTERS} />
        {newest.state === 'failed' && <ErrorNote error={newest.error} onRetry={newest.reload} />}
        {!newest.data && newest.state === 'loading' && <Skeleton rows={8} />}
        {newest.data && events.length === 0 && !hasMore && <Empty icon="audit" title={t('events.none')}><p>{t('events.none.next')}</p></Empty>}
        <ol class={newest.state === 'loading' ? 'events stale' : 'events'}>
          {events.map((event) => <EventItem key={event.sequence} event={event} linksToken receipts={features.receipts} names={names} />)}
        </ol>
        <ErrorNote error={more.error} />
        {hasMore && <Button busy={more.busy} onClick={() => more.run()}>{t('events.older')}</Button>}
      </section>
      {exports && <ExportDialog filters={asked} formats={features.exportFormats} onClose={() => setExports(false)} />}
    </>
  )
}

interface FiltersProps {
  people: Owner[]
  filters: AuditFilters
  onFilters: (filters: AuditFilters) => void
  onAsk: (filters: AuditFilters) => void
  isAsked: boolean
}

function Filters({ people, filters, onFilters, onAsk, isAsked }: FiltersProps) {
  const set = (change: Partial<AuditFilters>) => onFilters({ ...filters, ...change })
  const now = localInput(new Date()).slice(0, 16)
  return (
    <form class="filters" aria-label={t('events.filter')} onSubmit={(event) => {
      event.preventDefault()
      onAsk({ ...filters })
    }}>
      <label><span>{t('events.type')}</span>
        <select value={filters.type} onChange={(event) => set({ type: event.currentTarget.value })}>
          <option value="">{t('events.type.any')}</option>
          {GROUP_NAMES.map((group) => (
            <optgroup key={group} label={t(`group.${group}`)}>
              <option value={group} selected={filters.type === group}>{t('events.type.all', { group: t(`group.${group}`) })}</option>
              {GROUPS[group].filter(isKnown).map((type) => <option key={type} value={type} selected={filters.type === type}>{titleOfType(type)}</option>)}
            </optgroup>
          ))}
        </select>
      </label>
      <label><span>{t('events.actor')}</span>
        {people.length > 0 ? (
          <select value={filters.actor} onChange={(event) => set({ actor: event.currentTarget.value })}>
            <option value="">{t('events.actor.any')}</option>
            {people.map((person) => <option key={person.id} value={person.id} selected={filters.actor === person.id}>{nameOf(person)}</option>)}
          </select>
        ) : <input type="text" placeholder="usr_…" value={filters.actor} spellcheck={false} onInput={(event) => set({ actor: event.currentTarget.value.trim() })} />}
      </label>
      <label><span>{t('token.id')}</span><input type="text" placeholder="tok_…" value={filters.token} spellcheck={false} onInput={(event) => set({ token: event.currentTarget.value })} /></label>
      <label><span>{t('events.since')}</span><input type="datetime-local" max={now} value={filters.since} onInput={(event) => set({ since: event.currentTarget.value })} /></label>
      <label><span>{t('events.until')}</span><input type="datetime-local" value={filters.until} onInput={(event) => set({ until: event.currentTarget.value })} /></label>
      <Button type="submit" icon="search">{t('search')}</Button>
      {isAsked && <Button look="quiet" onClick={() => onAsk(NO_FILTERS)}>{t('filters.clear')}</Button>}
    </form>
  )
}

/** Events as they happen. The browser comes back by itself after a break, with the last sequence that it has seen. */
function Live({ names, onSeen }: { names: Names; onSeen: (sequence: number) => void }) {
  const { workspace } = useWorkspace()
  const [events, setEvents] = useState<LedgerEvent[]>([])
  const [isOpen, setOpen] = useState(false)
  useEffect(() => {
    const source = new EventSource(workspacePath(workspace.id, '/events:stream'))
    source.onopen = () => setOpen(true)
    source.onerror = () => setOpen(false)
    source.onmessage = ({ data }: MessageEvent<string>) => {
      const event = JSON.parse(data) as LedgerEvent
      onSeen(event.sequence)
      setEvents((all) => (all.some(({ sequence }) => sequence === event.sequence) ? all : [event, ...all].slice(0, LIVE_MAX)))
    }
    return () => source.close()
  }, [workspace.id])
  return (
    <section class="panel padded live" aria-label={t('live')}>
      <h2><Icon name="live" /> {t('live')} <Badge tone={isOpen ? 'good' : 'idle'}>{t(isOpen ? 'live.open' : 'live.closed')}</Badge></h2>
      {events.length === 0 && <p class="muted">{t('live.waiting')}</p>}
      <ol class="events" aria-live="polite">{events.map((event) => <EventItem key={event.sequence} event={event} linksToken isNew names={names} />)}</ol>
    </section>
  )
}
