// The emergency cut-off: everything issued before a moment. Rehearsed first, and confirmed by typing.
import { useState } from 'preact/hooks'
import { call, query, workspacePath } from '../core/api'
import { useAction, useLoad, useSettled } from '../core/hooks'
import { useWorkspace } from '../core/session'
import { formatExact, formatNumber, t, tn } from '../i18n'
import { Button, ErrorNote } from '../ui/basics'
import { Dialog } from '../ui/dialog'
import { CheckField, complaint, Form, localInput, momentOf, SelectField, TextField } from '../ui/fields'
import { Icon } from '../ui/icons'
import { toast } from '../ui/toast'
import { nameOf, useMembers } from './owners'

export function CutOffDialog({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const { workspace, reload } = useWorkspace()
  const people = useMembers()
  const [time, setTime] = useState(() => localInput(new Date()))
  const [owner, setOwner] = useState('')
  const [stopsAccess, setStopsAccess] = useState(true)
  const [typed, setTyped] = useState('')
  const iso = momentOf(time)?.toISOString()
  const settled = useSettled(iso, 250)
  const count = useLoad(`${settled}:${owner}`, async (signal) => {
    if (!settled) return undefined
    return await call<{ count: number; more?: boolean }>(workspacePath(workspace.id, `/tokens:countIssuedBefore${query({ time: settled, owner })}`), { signal })
  })
  const isCounting = count.state === 'loading' || settled !== iso
  const counted = isCounting || count.state === 'failed' ? undefined : count.data
  const countText = counted?.more ? t('cut_off.count_more', { count: formatNumber(counted.count) }) : counted && tn('cut_off.count', counted.count)
  const cut = useAction(async (key) => {
    const json = { time: iso, access: stopsAccess ? 'revoke' : 'keep', ...(owner ? { owner } : {}) }
    const done = await call<{ count: number }>(workspacePath(workspace.id, '/tokens:disableIssuedBefore'), { method: 'POST', json, idempotencyKey: key })
    toast(tn('cut_off.done', done.count))
    reload()
    onDone()
    onClose()
  }, [iso, owner, stopsAccess])
  const isSure = typed.trim() === workspace.name
  return (
    <Dialog title={t('cut_off.title')} onClose={onClose}>
      <Form onSubmit={() => isSure && iso && cut.run()}>
        <p>{t('cut_off.lead')}</p>
        {workspace.cut_off_at && <p class="hint">{t('cut_off.last', { date: formatExact(workspace.cut_off_at) })}</p>}
        <TextField label={t('cut_off.time')} type="datetime-local" step={1} value={time} onValue={setTime} error={iso ? complaint(cut.error, 'time') : t('time.invalid')} />
        <SelectField label={t('token.owner')} value={owner} onValue={setOwner} choices={[{ value: '', text: t('owner.any') }, ...people.map((person) => ({ value: person.id, text: nameOf(person) }))]} />
        <CheckField label={t('stop.now')} hint={t('stop.now.hint')} checked={stopsAccess} onChecked={setStopsAccess} />
        <p class="note warn" role="status" data-count={counted?.count}>
          <Icon name="alert" /> {isCounting ? t('cut_off.counting') : countText ?? t('cut_off.unknown')}
        </p>
        {count.state === 'failed' && <ErrorNote error={count.error} onRetry={count.reload} />}
        <TextField label={t('cut_off.confirm', { name: workspace.name })} value={typed} onValue={setTyped} spellcheck={false} />
        <ErrorNote error={cut.error} />
        <div class="form-actions">
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button look="danger" type="submit" busy={cut.busy} disabled={!isSure || !iso}>{t('cut_off.act')}</Button>
        </div>
      </Form>
    </Dialog>
  )
}
