// Disable or delete tokens: says what it does, asks, and reports what became of each.
import { useState } from 'preact/hooks'
import type { BatchResults, Token } from '../../generated/types'
import { call, workspacePath } from '../core/api'
import { useAction } from '../core/hooks'
import { useWorkspace } from '../core/session'
import { t, tn } from '../i18n'
import { Badge, Button, ErrorNote } from '../ui/basics'
import { Dialog } from '../ui/dialog'
import { CheckField, complaint, Form, TextField } from '../ui/fields'
import { toast } from '../ui/toast'

export type StopKind = 'disable' | 'delete'

interface StopDialogProps {
  kind: StopKind
  tokens: Token[]
  onClose: () => void
  onDone: (results: Result[]) => void
}

type Result = BatchResults['results'][number]

const GOOD: readonly Result['outcome'][] = ['disabled', 'already_disabled', 'deleted']
const PATHS = { disable: '/tokens:batchDisable', delete: '/tokens:batchDelete' } as const
const SHOWN_MAX = 8

export function StopDialog({ kind, tokens, onClose, onDone }: StopDialogProps) {
  const { workspace } = useWorkspace()
  const [reason, setReason] = useState('')
  const [stopsAccess, setStopsAccess] = useState(false)
  const [results, setResults] = useState<Result[]>()
  const stop = useAction(async (key) => {
    const json = { ids: tokens.map(({ id }) => id), access: stopsAccess ? 'revoke' : 'keep', ...(reason.trim() ? { reason: reason.trim() } : {}) }
    const answer = await call<BatchResults>(workspacePath(workspace.id, PATHS[kind]), { method: 'POST', json, idempotencyKey: key })
    onDone(answer.results)
    if (tokens.length > 1) return setResults(answer.results)
    tellOne(tokens[0], answer.results[0])
    onClose()
  }, [reason, stopsAccess])
  if (results) return <Results kind={kind} tokens={tokens} results={results} onClose={onClose} />
  const minutes = Math.round(workspace.policy.access_token_seconds / 60)
  const title = tokens.length === 1 ? t(`${kind}.title.one`, { name: tokens[0]?.name ?? '' }) : t(`${kind}.title.other`, { count: tokens.length })
  return (
    <Dialog title={title} onClose={onClose}>
      <Form onSubmit={() => stop.run()}>
        {tokens.length > 1 && (
          <ul class="names">
            {tokens.slice(0, SHOWN_MAX).map((token) => <li key={token.id}>{token.name}</li>)}
            {tokens.length > SHOWN_MAX && <li class="muted">{t('more', { count: tokens.length - SHOWN_MAX })}</li>}
          </ul>
        )}
        <ul class="effects">
          <li>{t('stop.refresh')}</li>
          <li>{stopsAccess ? t('stop.access.now') : tn('stop.access', minutes)}</li>
          <li>{t(kind === 'delete' ? 'stop.deleted' : 'stop.stays')}</li>
          <li>{t('stop.for_ever')}</li>
        </ul>
        <CheckField label={t('stop.now')} hint={t('stop.now.hint')} checked={stopsAccess} onChecked={setStopsAccess} />
        <TextField label={t('reason')} optional={t('optional')} value={reason} onValue={setReason} maxLength={500} hint={t('reason.hint')} error={complaint(stop.error, 'reason')} />
        <ErrorNote error={stop.error} />
        <div class="form-actions">
          <Button onClick={onClose} autofocus>{t('cancel')}</Button>
          <Button look="danger" type="submit" busy={stop.busy}>{t(kind)}</Button>
        </div>
      </Form>
    </Dialog>
  )
}

function tellOne(token: Token | undefined, result: Result | undefined): void {
  if (!token || !result) return
  toast(t('outcome.of', { name: token.name, outcome: t(`outcome.${result.outcome}`) }), GOOD.includes(result.outcome) ? 'good' : 'bad')
}

function Results({ kind, tokens, results, onClose }: { kind: StopKind; tokens: Token[]; results: Result[]; onClose: () => void }) {
  const names = new Map(tokens.map(({ id, name }) => [id, name]))
  return (
    <Dialog title={t(`${kind}.results`)} onClose={onClose} actions={<Button look="primary" onClick={onClose} autofocus>{t('close')}</Button>}>
      <ul class="results" aria-label={t('results')}>
        {results.map(({ id, outcome }) => (
          <li key={id}><span>{names.get(id) ?? id}</span><Badge tone={GOOD.includes(outcome) ? 'good' : 'bad'}>{t(`outcome.${outcome}`)}</Badge></li>
        ))}
      </ul>
    </Dialog>
  )
}
