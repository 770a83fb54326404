// One token: what it is, the policy that it lives under, and everything that ever happened to it.
import { useState } from 'preact/hooks'
import type { Token } from '../../generated/types'
import { call, Problem, workspacePath } from '../core/api'
import { features } from '../core/features'
import { useLoad } from '../core/hooks'
import { urlOf } from '../core/router'
import { firstPage, useSignedIn, useWorkspace } from '../core/session'
import { formatExact, formatNumber, t, tn, tOr } from '../i18n'
import { Ago, Button, CopyButton, Empty, ErrorNote, Moment, PageHead, Skeleton } from '../ui/basics'
import { Icon } from '../ui/icons'
import { EventItem, useEvents } from './events'
import { nameOf } from './owners'
import { PolicyFacts } from './policy'
import { StopDialog, type StopKind } from './stop'
import { Scopes, StatusBadge } from './token_table'


export function TokenPage({ id }: { id: string }) {
  const { workspace, role } = useWorkspace()
  const { session } = useSignedIn()
  const token = useLoad(id, (signal) => call<Token>(workspacePath(workspace.id, `/tokens/${id}`), { signal }))
  const [stops, setStops] = useState<StopKind>()
  const [isDeleted, setDeleted] = useState(false)
  const [round, setRound] = useState(0)
  const found = token.data
  const isMissing = token.state === 'failed' && token.error instanceof Problem && token.error.status === 404
  const isOwn = found?.owner.id === session.user.id
  const mayStop = found && !isDeleted && role !== 'auditor' && (isOwn || role === 'admin')
  const done = () => {
    if (stops === 'delete') setDeleted(true)
    else token.reload()
    setRound(round + 1)
  }
  const list = found && !isOwn ? 'all-tokens' : firstPage(session)
  return (
    <>
      <a class="back" href={urlOf(workspace.id, list)}><Icon name="left" size={14} /> {t(list === 'tokens' ? 'tokens' : 'tokens.all')}</a>
      {!found && token.state === 'loading' && <Skeleton rows={8} />}
      {isMissing && <><PageHead title={t('token.gone')} /><Empty icon="token" title={t('token.gone.lead')} /></>}
      {token.state === 'failed' && !isMissing && <ErrorNote error={token.error} onRetry={token.reload} />}
      {found && (
        <>
          <PageHead title={found.name} lead={<StatusBadge status={isDeleted ? 'deleted' : found.status} />}>
            {mayStop && found.status !== 'disabled' && <Button icon="stop" onClick={() => setStops('disable')}>{t('disable')}</Button>}
            {mayStop && <Button icon="trash" look="danger" onClick={() => setStops('delete')}>{t('delete')}</Button>}
          </PageHead>
          <div class="columns">
            <Facts token={found} />
            <PolicyInForce token={found} />
          </div>
        </>
      )}
      {(found || isMissing) && <Timeline key={round} id={id} quiet={isMissing} />}
      {found && stops && <StopDialog kind={stops} tokens={[found]} onClose={() => setStops(undefined)} onDone={done} />}
    </>
  )
}

function Facts({ token }: { token: Token }) {
  const { workspace } = useWorkspace()
  const parent = token.parent_token_id
  return (
    <section class="panel padded" aria-label={t('details')}>
      <dl class="facts">
        <div><dt>{t('token.id')}</dt><dd><code>{token.id}</code> <CopyButton text={token.id} label={t('token.id')} /></dd></div>
        <div><dt>{t('token.owner')}</dt><dd>{nameOf(token.owner)} {token.owner.username && <span class="muted">{token.owner.username}</span>}</dd></div>
        <div><dt>{t('token.created')}</dt><dd><Moment time={token.created_at} /></dd></div>
        {parent && <div><dt>{t('token.parent')}</dt><dd><a href={urlOf(workspace.id, 'tokens', parent)}><code>{parent}</code></a></dd></div>}
        <div><dt>{t('token.expires')}</dt><dd><Moment time={token.expires_at} /></dd></div>
        <div><dt>{t('token.refreshed')}</dt><dd><Ago time={token.last_refreshed_at} none={t('never')} />{token.refresh_count > 0 && <span class="exact">{tn('token.refreshes', token.refresh_count)}</span>}</dd></div>
        <div><dt>{t('token.used')}</dt><dd><Ago time={token.last_used_at} none={t('never')} /></dd></div>
        <div><dt>{t('token.scopes')}</dt><dd>{token.scope ? token.scope.split(' ').map((scope) => <><code key={scope}>{scope}</code> </>) : <Scopes scope="" />}</dd></div>
        {token.disabled_at && (
          <div>
            <dt>{t('token.disabled')}</dt>
            <dd>
              <Moment time={token.disabled_at} />
              <span class="exact">
                {[tOr(`cause.${token.disabled_cause}`, token.disabled_cause ?? ''), token.disabled_by?.username, token.disabled_reason].filter(Boolean).join(' · ')}
              </span>
            </dd>
          </div>
        )}
      </dl>
    </section>
  )
}

function PolicyInForce({ token }: { token: Token }) {
  const { workspace } = useWorkspace()
  const isCutOff = workspace.cut_off_at && Date.parse(token.created_at) < Date.parse(workspace.cut_off_at)
  return (
    <section class="panel padded" aria-label={t('policy.in_force')}>
      <h2>{t('policy.in_force')}</h2>
      <PolicyFacts policy={workspace.policy} />
      {isCutOff && <p class="note warn"><Icon name="alert" /> {t('token.cut_off', { date: formatExact(workspace.cut_off_at ?? '') })}</p>}
      <p class="hint"><a href={urlOf(workspace.id, 'policy')}>{t('policy.open')}</a></p>
    </section>
  )
}

function Timeline({ id, quiet }: { id: string; quiet: boolean }) {
  const { newest, more, events, hasMore } = useEvents(`/tokens/${id}/events`, {})
  if (quiet && newest.state === 'failed') return null
  return (
    <section class="panel padded" aria-label={t('timeline')}>
      <h2>{t('timeline')} {events.length > 0 && <span class="muted count">{formatNumber(events.length)}{hasMore && '+'}</span>}</h2>
      {newest.state === 'failed' && <ErrorNote error={newest.error} onRetry={newest.reload} />}
      {!newest.data && newest.state === 'loading' && <Skeleton rows={4} />}
      <ol class="events">{events.map((event) => <EventItem key={event.sequence} event={event} receipts={features.receipts} />)}</ol>
      <ErrorNote error={more.error} />
      {hasMore && <Button busy={more.busy} onClick={() => more.run()}>{t('events.older')}</Button>}
    </section>
  )
}
