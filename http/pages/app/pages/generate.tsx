// Generate a token. Its secrets live in this dialog's state and nowhere else: they go when it closes.
import { useState } from 'preact/hooks'
import type { GeneratedToken } from '../../generated/types'
import { call, workspacePath } from '../core/api'
import { useAction } from '../core/hooks'
import { useWorkspace } from '../core/session'
import { formatDay, formatMoment, t, tn } from '../i18n'
import { Button, Copyable, CopyButton, ErrorNote } from '../ui/basics'
import { Dialog } from '../ui/dialog'
import { CheckField, complaint, Field, Form, TextField } from '../ui/fields'
import { Icon } from '../ui/icons'
import { toast } from '../ui/toast'

const DAY = 86_400_000
const PRESETS = [7, 30, 90, 365] as const

interface GenerateDialogProps {
  onClose: () => void
  onGenerated: () => void
}

export function GenerateDialog({ onClose, onGenerated }: GenerateDialogProps) {
  const [generated, setGenerated] = useState<GeneratedToken>()
  if (!generated) return <Asking onClose={onClose} onGenerated={(answer) => { setGenerated(answer); onGenerated() }} />
  return <Secrets generated={generated} onClose={() => { setGenerated(undefined); onClose() }} />
}

const TALLY_SCOPES = ['tally:tokens.read', 'tally:tokens.write', 'tally:audit.read'] as const

function Asking({ onClose, onGenerated }: { onClose: () => void; onGenerated: (answer: GeneratedToken) => void }) {
  const { workspace } = useWorkspace()
  const { max_lifetime_days: daysMax, allowed_scopes: allowed } = workspace.policy
  const [name, setName] = useState('')
  const [days, setDays] = useState(String(Math.min(90, daysMax)))
  const [picks, setPicks] = useState(false)
  const [scopes, setScopes] = useState<readonly string[]>([])
  const generate = useAction(async (key) => {
    const scope = picks ? { scope: scopes.join(' ') } : {}
    const json = { name: name.trim(), lifetime_days: Number(days), ...scope }
    onGenerated(await call<GeneratedToken>(workspacePath(workspace.id, '/tokens'), { method: 'POST', json, idempotencyKey: key }))
  }, [name, days, picks, scopes])
  const count = Number(days)
  const isLifetime = /^\d+$/.test(days) && count >= 1 && count <= daysMax
  const togglesScope = (scope: string, chosen: boolean) => setScopes(chosen ? [...scopes, scope] : scopes.filter((one) => one !== scope))
  return (
    <Dialog title={t('generate.title')} onClose={onClose}>
      <Form onSubmit={() => isLifetime && name.trim() && generate.run()}>
        <TextField label={t('token.name')} value={name} onValue={setName} hint={t('generate.name.hint')} maxLength={120} error={complaint(generate.error, 'name')} autofocus required />
        <Field
          label={t('generate.days')}
          hint={isLifetime ? t('generate.days.until', { date: formatDay(Date.now() + count * DAY), max: daysMax }) : undefined}
          error={isLifetime ? complaint(generate.error, 'lifetime_days') : t('generate.days.range', { max: daysMax })}
        >
          {({ id, describedBy }) => (
            <div class="days">
              <input id={id} type="number" inputMode="numeric" min={1} max={daysMax} step={1} value={days} aria-describedby={describedBy} aria-invalid={isLifetime ? undefined : true} onInput={(event) => setDays(event.currentTarget.value)} />
              {PRESETS.filter((preset) => preset <= daysMax).map((preset) => (
                <button key={preset} type="button" class="chip" aria-pressed={count === preset} onClick={() => setDays(String(preset))}>{tn('days', preset)}</button>
              ))}
            </div>
          )}
        </Field>
        <CheckField label={t('generate.scopes.pick')} hint={t('generate.scopes.hint')} checked={picks} onChecked={setPicks} />
        {picks && (
          <fieldset class="scope-choice">
            <legend>{t('token.scopes')}</legend>
            {[...allowed, ...TALLY_SCOPES].map((scope) => (
              <label key={scope}><input type="checkbox" checked={scopes.includes(scope)} onChange={(event) => togglesScope(scope, event.currentTarget.checked)} /> <code>{scope}</code></label>
            ))}
            <p class="hint">{t('generate.scopes.tally')}</p>
          </fieldset>
        )}
        <ErrorNote error={generate.error} />
        <div class="form-actions">
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button look="primary" type="submit" busy={generate.busy} disabled={!name.trim() || !isLifetime || (picks && scopes.length === 0)}>{t('generate')}</Button>
        </div>
      </Form>
    </Dialog>
  )
}

function Secrets({ generated, onClose }: { generated: GeneratedToken; onClose: () => void }) {
  const { workspace } = useWorkspace()
  const { token } = generated
  const curl = [`curl ${workspace.token_endpoint}`, 'grant_type=refresh_token', `client_id=${workspace.client_id}`, `refresh_token=${generated.refresh_token}`].join(' \\\n  -d ')
  const minutes = Math.round(generated.expires_in / 60)
  const close = () => {
    onClose()
    toast(t('generate.done', { name: token.name }))
  }
  return (
    <Dialog title={t('secrets.title', { name: token.name })} onClose={close} deliberate wide actions={<Button look="primary" onClick={close}>{t('close')}</Button>}>
      <p class="note warn" role="alert"><Icon name="alert" /> {t('secrets.once')}</p>
      <Copyable secret label={t('access_token')} value={generated.access_token} />
      <p class="hint">{tn('secrets.access', minutes)}</p>
      <Copyable secret label={t('refresh_token')} value={generated.refresh_token} />
      <p class="hint">{t('secrets.refresh', { date: formatMoment(token.expires_at) })}</p>
      <div class="client inside">
        <Copyable label={t('client.id')} value={workspace.client_id} />
        <Copyable label={t('client.endpoint')} value={workspace.token_endpoint} />
      </div>
      <h3>{t('secrets.curl')}</h3>
      <div class="command">
        <pre tabIndex={0} role="region" aria-label={t('secrets.curl')}>{curl}</pre>
        <CopyButton text={curl} label={t('secrets.curl')} />
      </div>
      <p class="hint">{t('secrets.curl.hint')}</p>
    </Dialog>
  )
}
