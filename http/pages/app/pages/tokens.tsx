// API tokens: one's own, or everyone's. The server filters, sorts and pages; the page shows one page at a time.
import { useState } from 'preact/hooks'
import type { Token } from '../../generated/types'
import { callPage, query, workspacePath } from '../core/api'
import { useLoad, useSettled } from '../core/hooks'
import { navigate, usePlace } from '../core/router'
import { useSignedIn, useWorkspace } from '../core/session'
import { t, tn } from '../i18n'
import { Button, Copyable, Empty, ErrorNote, IconButton, PageHead, Skeleton } from '../ui/basics'
import { Icon } from '../ui/icons'
import { CutOffDialog } from './cut_off'
import { GenerateDialog } from './generate'
import { OwnerFilter } from './owners'
import { StopDialog, type StopKind } from './stop'
import { TokenTable } from './token_table'

const PAGE_SIZES = [25, 50, 100] as const
const STATUSES = ['active', 'disabled', 'expired'] as const

/** A secret that was pasted into the search goes nowhere: what is asked for stands in a URL. */
const SECRET = /tl[rsa]_|eyJ[\w-]{10}/

interface Asked {
  status: string
  owner: string
  sort: string
  limit: number
}

function askedOf(search: URLSearchParams): Asked {
  const limit = Number(search.get('limit'))
  return {
    status: search.get('status') ?? '',
    owner: search.get('owner') ?? '',
    sort: search.get('sort') ?? '-created_at',
    limit: PAGE_SIZES.find((size) => size === limit) ?? PAGE_SIZES[0],
  }
}

/** The list in one state of filters, order and place. */
function useTokens(scope: 'mine' | 'all', asked: Asked, search: string, cursor: string | undefined) {
  const { workspace } = useWorkspace()
  const isSecret = SECRET.test(search)
  const parameters = query({
    owner: scope === 'mine' ? 'me' : asked.owner || 'all',
    status: asked.status,
    q: isSecret ? '' : search,
    sort: asked.sort,
    limit: asked.limit,
    cursor,
  })
  const tokens = useLoad(parameters, (signal) => callPage<Token>(workspacePath(workspace.id, `/tokens${parameters}`), signal))
  return { tokens, isSecret }
}

export function TokensPage({ scope }: { scope: 'mine' | 'all' }) {
  const { workspace, role } = useWorkspace()
  const { search: inUrl } = usePlace()
  const asked = askedOf(inUrl)
  const [typed, setTyped] = useState('')
  const search = useSettled(typed.trim(), 200)
  const [cursors, setCursors] = useState<string[]>([])
  const [selected, setSelected] = useState<ReadonlyMap<string, Token>>(new Map())
  const [dialog, setDialog] = useState<'generate' | 'cut-off' | { kind: StopKind; tokens: Token[] }>()
  const { tokens, isSecret } = useTokens(scope, asked, search, cursors.at(-1))

  const startOver = () => {
    setCursors([])
    setSelected(new Map())
  }
  const ask = (change: Partial<Asked>) => {
    startOver()
    const { status, owner, sort, limit } = { ...asked, ...change }
    const parameters = { status, owner, sort: sort === '-created_at' ? '' : sort, limit: limit === PAGE_SIZES[0] ? '' : limit }
    navigate(location.pathname + query(parameters), 'replace')
  }
  const clearFilters = () => {
    setTyped('')
    ask({ status: '', owner: '' })
  }
  const changed = () => {
    setSelected(new Map())
    tokens.reload()
  }

  const mayGenerate = role === 'admin' || workspace.policy.who_may_generate === 'members'
  const mayStop = scope === 'mine' ? role !== 'auditor' : role === 'admin'
  const isFiltered = !!(search || asked.status || asked.owner)
  const items = tokens.data?.items ?? []
  const isStale = tokens.state === 'loading' || search !== typed.trim()
  return (
    <>
      <PageHead title={t(scope === 'mine' ? 'tokens' : 'tokens.all')} lead={t(scope === 'mine' ? 'tokens.lead' : 'tokens.all.lead')}>
        {scope === 'all' && role === 'admin' && <Button icon="stop" onClick={() => setDialog('cut-off')}>{t('cut_off')}</Button>}
        {scope === 'mine' && role !== 'auditor' && <Button look="primary" icon="plus" disabled={!mayGenerate} title={mayGenerate ? '' : t('generate.admins_only')} onClick={() => setDialog('generate')}>{t('generate')}</Button>}
      </PageHead>
      {scope === 'mine' && <Client />}
      {scope === 'mine' && !mayGenerate && role !== 'auditor' && <p class="note"><Icon name="alert" /> {t('generate.admins_only')}</p>}
      <section class="panel" aria-label={t('tokens')}>
        <div class="filters">
          <label class="search">
            <Icon name="search" />
            <span class="offscreen">{t('search')}</span>
            <input type="search" placeholder={t('search.tokens')} value={typed} maxLength={200} autocomplete="off" spellcheck={false} onInput={(event) => {
              startOver()
              setTyped(event.currentTarget.value)
            }} />
          </label>
          <select aria-label={t('token.status')} value={asked.status} onChange={(event) => ask({ status: event.currentTarget.value })}>
            <option value="">{t('status.any')}</option>
            {STATUSES.map((status) => <option key={status} value={status} selected={status === asked.status}>{t(`status.${status}`)}</option>)}
          </select>
          {scope === 'all' && <OwnerFilter owner={asked.owner} seen={items.map(({ owner }) => owner)} onOwner={(owner) => ask({ owner })} />}
          {isFiltered && <Button look="quiet" onClick={clearFilters}>{t('filters.clear')}</Button>}
        </div>
        {isSecret && <p class="note bad" role="alert"><Icon name="alert" /> {t('search.secret')}</p>}
        {tokens.state === 'failed' && <ErrorNote error={tokens.error} onRetry={tokens.reload} />}
        {items.length === 0 && isStale && !(tokens.data && isFiltered) && <Skeleton rows={8} />}
        {tokens.data && items.length === 0 && (isFiltered
          ? <Empty icon="search" title={t('tokens.none_found')}><Button onClick={clearFilters}>{t('filters.clear')}</Button></Empty>
          : !isStale && <NoTokens scope={scope} {...(mayGenerate && role !== 'auditor' ? { onGenerate: () => setDialog('generate') } : {})} />)}
        {items.length > 0 && (
          <TokenTable
            tokens={items}
            showsOwner={scope === 'all'}
            sort={asked.sort}
            onSort={(sort) => ask({ sort })}
            onOwner={(owner) => ask({ owner })}
            isStale={isStale}
            mayStop={mayStop}
            selected={selected}
            onSelected={setSelected}
            onStop={(kind, token) => setDialog({ kind, tokens: [token] })}
          />
        )}
        {(items.length > 0 || cursors.length > 0) && (
          <footer class="pager">
            <label>{t('pages.size')} <select value={asked.limit} onChange={(event) => ask({ limit: Number(event.currentTarget.value) })}>{PAGE_SIZES.map((size) => <option key={size} value={size} selected={size === asked.limit}>{size}</option>)}</select></label>
            <span aria-live="polite">{t('pages.number', { number: cursors.length + 1 })}</span>
            <IconButton name="left" label={t('pages.previous')} disabled={cursors.length === 0} onClick={() => setCursors(cursors.slice(0, -1))} />
            <IconButton name="right" label={t('pages.next')} disabled={!tokens.data?.next_cursor || isStale} onClick={() => tokens.data?.next_cursor && setCursors([...cursors, tokens.data.next_cursor])} />
          </footer>
        )}
      </section>
      {selected.size > 0 && (
        <div class="bulk" role="region" aria-label={t('bulk')}>
          <strong aria-live="polite">{tn('bulk.selected', selected.size)}</strong>
          <Button icon="stop" onClick={() => setDialog({ kind: 'disable', tokens: [...selected.values()] })}>{t('disable')}</Button>
          <Button icon="trash" look="danger" onClick={() => setDialog({ kind: 'delete', tokens: [...selected.values()] })}>{t('delete')}</Button>
          <IconButton name="close" label={t('bulk.clear')} onClick={() => setSelected(new Map())} />
        </div>
      )}
      {dialog === 'generate' && <GenerateDialog onClose={() => setDialog(undefined)} onGenerated={tokens.reload} />}
      {dialog === 'cut-off' && <CutOffDialog onClose={() => setDialog(undefined)} onDone={changed} />}
      {typeof dialog === 'object' && <StopDialog {...dialog} onClose={() => setDialog(undefined)} onDone={changed} />}
    </>
  )
}

/** What every OAuth client must know, where people look for it. */
function Client() {
  const { workspace } = useWorkspace()
  return (
    <section class="client" aria-label={t('client')}>
      <Copyable label={t('client.id')} value={workspace.client_id} />
      <Copyable label={t('client.endpoint')} value={workspace.token_endpoint} />
    </section>
  )
}

function NoTokens({ scope, onGenerate }: { scope: 'mine' | 'all'; onGenerate?: () => void }) {
  const { session } = useSignedIn()
  if (scope === 'all') return <Empty icon="token" title={t('tokens.all.none')}><p>{t('tokens.all.none.next')}</p></Empty>
  return (
    <Empty icon="token" title={t('tokens.none', { name: session.user.display_name })}>
      <p>{t('tokens.none.next')}</p>
      {onGenerate && <Button look="primary" icon="plus" onClick={onGenerate}>{t('generate.first')}</Button>}
    </Empty>
  )
}
