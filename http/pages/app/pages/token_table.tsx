// The table of tokens. On a phone each row becomes a card.
import { useEffect, useRef } from 'preact/hooks'
import type { Token } from '../../generated/types'
import { navigate, urlOf } from '../core/router'
import { useWorkspace } from '../core/session'
import { type Key, t } from '../i18n'
import { Ago, Badge, Moment } from '../ui/basics'
import { Icon } from '../ui/icons'
import { Menu, type MenuEntry } from '../ui/menu'
import { nameOf } from './owners'
import type { StopKind } from './stop'

const TONES = { active: 'good', disabled: 'bad', expired: 'idle', deleted: 'bad' } as const

export function StatusBadge({ status }: { status: Token['status'] }) {
  return <Badge tone={TONES[status]}>{t(`status.${status}`)}</Badge>
}

export function Scopes({ scope }: { scope: string }) {
  const scopes = scope.split(' ').filter(Boolean)
  if (scopes.length === 0) return <span class="muted">–</span>
  const shown = scopes.slice(0, 1)
  return (
    <span class="scopes" title={scopes.join('\n')}>
      {shown.map((one) => <code key={one}>{one}</code>)}
      {scopes.length > shown.length && <span class="muted">+{scopes.length - shown.length}</span>}
    </span>
  )
}

interface TokenTableProps {
  tokens: Token[]
  showsOwner: boolean
  sort: string
  onSort: (sort: string) => void
  onOwner: (owner: string) => void
  isStale: boolean
  mayStop: boolean
  selected: ReadonlyMap<string, Token>
  onSelected: (selected: ReadonlyMap<string, Token>) => void
  onStop: (kind: StopKind, token: Token) => void
}

export function TokenTable(props: TokenTableProps) {
  const { tokens, showsOwner, isStale, mayStop, selected, onSelected } = props
  const all = useRef<HTMLInputElement>(null)
  const chosenHere = tokens.filter(({ id }) => selected.has(id)).length
  useEffect(() => {
    if (all.current) all.current.indeterminate = chosenHere > 0 && chosenHere < tokens.length
  })
  const chooseAll = (chosen: boolean) => {
    const next = new Map(selected)
    for (const token of tokens) chosen ? next.set(token.id, token) : next.delete(token.id)
    onSelected(next)
  }
  return (
    <div class={isStale ? 'table-box stale' : 'table-box'} tabIndex={0} role="region" aria-label={t('tokens.table')} aria-busy={isStale}>
      <table class="tokens">
        <thead>
          <tr>
            {mayStop && <th class="choose"><input ref={all} type="checkbox" aria-label={t('bulk.all')} checked={chosenHere === tokens.length} onChange={(event) => chooseAll(event.currentTarget.checked)} /></th>}
            <Sortable {...props} field="name" text="token.name" />
            {showsOwner && <th scope="col">{t('token.owner')}</th>}
            <Sortable {...props} field="status" text="token.status" />
            <Sortable {...props} field="created_at" text="token.created" startsWith="-" />
            <Sortable {...props} field="expires_at" text="token.expires" />
            <Sortable {...props} field="last_refreshed_at" text="token.refreshed" startsWith="-" />
            <Sortable {...props} field="last_used_at" text="token.used" startsWith="-" />
            <th scope="col">{t('token.scopes')}</th>
            <th class="actions"><span class="offscreen">{t('actions')}</span></th>
          </tr>
        </thead>
        <tbody>{tokens.map((token) => <Row key={token.id} token={token} {...props} />)}</tbody>
      </table>
    </div>
  )
}

interface SortableProps {
  field: string
  text: Key
  sort: string
  onSort: (sort: string) => void
  /** The direction that a first click gives. */
  startsWith?: '' | '-'
}

function Sortable({ field, text, sort, onSort, startsWith = '' }: SortableProps) {
  const isUp = sort === field
  const isDown = sort === `-${field}`
  const next = isUp ? `-${field}` : isDown ? field : startsWith + field
  return (
    <th scope="col" aria-sort={isUp ? 'ascending' : isDown ? 'descending' : undefined}>
      <button type="button" class="sort" onClick={() => onSort(next)}>
        {t(text)} {(isUp || isDown) && <Icon name={isUp ? 'up' : 'down'} size={12} />}
      </button>
    </th>
  )
}

function Row({ token, showsOwner, mayStop, selected, onSelected, onStop, onOwner }: TokenTableProps & { token: Token }) {
  const { workspace } = useWorkspace()
  const details = urlOf(workspace.id, 'tokens', token.id)
  const choose = (chosen: boolean) => {
    const next = new Map(selected)
    chosen ? next.set(token.id, token) : next.delete(token.id)
    onSelected(next)
  }
  const entries: MenuEntry[] = [{ text: t('details'), onChoose: () => navigate(details) }]
  if (mayStop) {
    entries.push({ text: t('disable'), disabled: token.status === 'disabled', onChoose: () => onStop('disable', token) })
    entries.push({ text: t('delete'), tone: 'danger', onChoose: () => onStop('delete', token) })
  }
  return (
    <tr class={selected.has(token.id) ? 'chosen' : undefined}>
      {mayStop && <td class="choose"><input type="checkbox" aria-label={t('bulk.one', { name: token.name })} checked={selected.has(token.id)} onChange={(event) => choose(event.currentTarget.checked)} /></td>}
      <td class="name"><a href={details}>{token.name}</a>{token.kind === 'legacy' && <Badge tone="idle">{t('legacy.badge')}</Badge>}</td>
      {showsOwner && <td data-label={t('token.owner')}><button type="button" class="link" title={t('owner.only', { name: nameOf(token.owner) })} onClick={() => onOwner(token.owner.id)}>{nameOf(token.owner)}</button></td>}
      <td data-label={t('token.status')}><StatusBadge status={token.status} /></td>
      <td data-label={t('token.created')}><Ago time={token.created_at} /></td>
      <td data-label={t('token.expires')}><Moment time={token.expires_at} /></td>
      <td data-label={t('token.refreshed')}><Ago time={token.last_refreshed_at} none={t('never')} /></td>
      <td data-label={t('token.used')}><Ago time={token.last_used_at} none={t('never')} /></td>
      <td data-label={t('token.scopes')}><Scopes scope={token.scope} /></td>
      <td class="actions"><Menu label={t('actions.of', { name: token.name })} entries={entries}><Icon name="more" /></Menu></td>
    </tr>
  )
}
