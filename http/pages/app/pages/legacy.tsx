// Tokens of an older system, imported by hash: until when they are accepted, and whose are still in use.
import { useRef, useState } from 'preact/hooks'
import type { ImportResult, Token } from '../../generated/types'
import { call, type Page, query, workspacePath } from '../core/api'
import { features } from '../core/features'
import { useAction, useLoad } from '../core/hooks'
import { urlOf } from '../core/router'
import { useWorkspace } from '../core/session'
import { t, tOr } from '../i18n'
import { Ago, Badge, Button, Empty, ErrorNote, Moment, PageHead, Skeleton } from '../ui/basics'
import { Icon } from '../ui/icons'
import { nameOf } from './owners'
import { StatusBadge } from './token_table'

const LISTED_MAX = 100
const REFUSED_SHOWN_MAX = 100

export function LegacyPage() {
  if (!features.legacy) return <><PageHead title={t('legacy')} /><Empty icon="legacy" title={t('legacy.not_offered')} /></>
  return <Legacy />
}

function Legacy() {
  const { workspace, role } = useWorkspace()
  const [round, setRound] = useState(0)
  const parameters = query({ owner: 'all', kind: 'legacy', sort: '-last_used_at', limit: LISTED_MAX })
  const tokens = useLoad(`${round}`, (signal) => call<Page<Token>>(workspacePath(workspace.id, `/tokens${parameters}`), { signal }))
  const sunset = workspace.policy.legacy_sunset_at
  return (
    <>
      <PageHead title={t('legacy')} lead={t('legacy.lead')} />
      <section class="panel padded" aria-label={t('legacy.sunset')}>
        <h2>{t('legacy.sunset')}</h2>
        <p>{sunset ? <Moment time={sunset} /> : t('legacy.no_sunset')}</p>
        <p class="hint"><a href={urlOf(workspace.id, 'policy')}>{t('policy.open')}</a></p>
      </section>
      {role === 'admin' && <Import onDone={() => setRound(round + 1)} />}
      <section class="panel" aria-label={t('legacy.used')}>
        <h2 class="panel-title">{t('legacy.used')}</h2>
        {tokens.state === 'failed' && <ErrorNote error={tokens.error} onRetry={tokens.reload} />}
        {!tokens.data && tokens.state === 'loading' && <Skeleton />}
        {tokens.data?.items.length === 0 && <Empty icon="legacy" title={t('legacy.none')} />}
        {tokens.data && tokens.data.items.length > 0 && (
          <div class="table-box" tabIndex={0} role="region" aria-label={t('legacy.used')}>
            <table>
              <thead><tr><th scope="col">{t('token.name')}</th><th scope="col">{t('token.owner')}</th><th scope="col">{t('token.status')}</th><th scope="col">{t('token.used')}</th><th scope="col">{t('token.expires')}</th></tr></thead>
              <tbody>
                {tokens.data.items.map((token) => (
                  <tr key={token.id}>
                    <td class="name"><a href={urlOf(workspace.id, 'tokens', token.id)}>{token.name}</a></td>
                    <td data-label={t('token.owner')}>{nameOf(token.owner)}</td>
                    <td data-label={t('token.status')}><StatusBadge status={token.status} /></td>
                    <td data-label={t('token.used')}><Ago time={token.last_used_at} none={t('never')} /></td>
                    <td data-label={t('token.expires')}><Moment time={token.expires_at} /></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
    </>
  )
}

function Import({ onDone }: { onDone: () => void }) {
  const { workspace } = useWorkspace()
  const input = useRef<HTMLInputElement>(null)
  const [file, setFile] = useState<File>()
  const [answer, setAnswer] = useState<ImportResult>()
  const send = useAction(async (key) => {
    if (!file) return
    const upload = { bytes: file, type: 'application/x-ndjson' }
    setAnswer(await call<ImportResult>(workspacePath(workspace.id, '/legacy-tokens:import'), { method: 'POST', upload, idempotencyKey: key }))
    setFile(undefined)
    if (input.current) input.current.value = ''
    onDone()
  }, [file?.name, file?.size, file?.lastModified])
  return (
    <section class="panel padded" aria-label={t('legacy.import')}>
      <h2>{t('legacy.import')}</h2>
      <p>{t('legacy.import.lead')}</p>
      <div class="filters">
        <input ref={input} type="file" accept=".ndjson,.jsonl,application/x-ndjson" aria-label={t('legacy.file')} onChange={(event) => setFile(event.currentTarget.files?.[0])} />
        <Button look="primary" busy={send.busy} disabled={!file} onClick={() => send.run()}>{t('legacy.import.act')}</Button>
      </div>
      <ErrorNote error={send.error} />
      {answer && <Outcome answer={answer} />}
    </section>
  )
}

function Outcome({ answer }: { answer: ImportResult }) {
  const refused = answer.results.filter(({ outcome }) => !['imported', 'already_imported'].includes(outcome))
  return (
    <div role="status">
      <p class={answer.refused > 0 ? 'note warn' : 'note'}>
        <Icon name={answer.refused > 0 ? 'alert' : 'check'} /> {t('legacy.import.done', { imported: answer.imported, already: answer.already_imported, refused: answer.refused })}
      </p>
      <ul class="results" aria-label={t('results')}>
        {refused.slice(0, REFUSED_SHOWN_MAX).map(({ line, outcome, field, message }) => (
          <li key={line}><span>{t('legacy.import.line', { line })} <span class="muted">{[field, message].filter(Boolean).join(' ')}</span></span><Badge tone="bad">{tOr(`legacy.outcome.${outcome}`, outcome)}</Badge></li>
        ))}
        {refused.length > REFUSED_SHOWN_MAX && <li class="muted">{t('more', { count: refused.length - REFUSED_SHOWN_MAX })}</li>}
      </ul>
    </div>
  )
}
