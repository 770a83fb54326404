// The policy of a workspace: read by everyone, changed by admins.
import { useState } from 'preact/hooks'
import type { Policy } from '../../generated/types'
import { call, workspacePath } from '../core/api'
import { useAction } from '../core/hooks'
import { useWorkspace } from '../core/session'
import { formatExact, formatNumber, t } from '../i18n'
import { Button, ErrorNote, PageHead } from '../ui/basics'
import { complaint, Field, Form, localInput, momentOf, SelectField, TextField } from '../ui/fields'
import { toast } from '../ui/toast'

export function PolicyFacts({ policy }: { policy: Policy }) {
  return (
    <dl class="facts">
      <div><dt>{t('policy.lifetime')}</dt><dd>{formatNumber(policy.max_lifetime_days)}</dd></div>
      <div><dt>{t('policy.who')}</dt><dd>{t(`policy.who.${policy.who_may_generate}`)}</dd></div>
      <div><dt>{t('policy.active')}</dt><dd>{formatNumber(policy.max_active_tokens_per_user)}</dd></div>
      <div><dt>{t('policy.access')}</dt><dd>{formatNumber(policy.access_token_seconds)}</dd></div>
      <div><dt>{t('policy.retry')}</dt><dd>{formatNumber(policy.refresh_retry_seconds)}</dd></div>
      <div><dt>{t('policy.scopes')}</dt><dd>{policy.allowed_scopes.length > 0 ? policy.allowed_scopes.map((scope) => <><code key={scope}>{scope}</code> </>) : <span class="muted">{t('none')}</span>}</dd></div>
      {policy.access_token_format && <div><dt>{t('policy.format')}</dt><dd>{t(`policy.format.${policy.access_token_format}`)}</dd></div>}
      {policy.legacy_sunset_at && <div><dt>{t('legacy.sunset')}</dt><dd>{formatExact(policy.legacy_sunset_at)}</dd></div>}
    </dl>
  )
}

export function PolicyPage() {
  const { workspace, role } = useWorkspace()
  return (
    <>
      <PageHead title={t('policy')} lead={t('policy.lead')} />
      <section class="panel padded narrow" aria-label={t('policy')}>
        {role === 'admin' ? <PolicyForm key={JSON.stringify(workspace.policy)} /> : <PolicyFacts policy={workspace.policy} />}
      </section>
    </>
  )
}

/** A whole number typed within bounds, or nothing. */
function wholeNumber(typed: string, min: number, max: number): number | undefined {
  const number = Number(typed)
  return /^\d+$/.test(typed) && number >= min && number <= max ? number : undefined
}

function PolicyForm() {
  const { workspace, reload } = useWorkspace()
  const { policy } = workspace
  const [days, setDays] = useState(String(policy.max_lifetime_days))
  const [who, setWho] = useState(policy.who_may_generate)
  const [active, setActive] = useState(String(policy.max_active_tokens_per_user))
  const [access, setAccess] = useState(String(policy.access_token_seconds))
  const [retry, setRetry] = useState(String(policy.refresh_retry_seconds))
  const [scopes, setScopes] = useState(policy.allowed_scopes.join('\n'))
  const [format, setFormat] = useState(policy.access_token_format)
  const [sunset, setSunset] = useState(policy.legacy_sunset_at ? localInput(new Date(policy.legacy_sunset_at)) : '')
  const numbers = {
    max_lifetime_days: wholeNumber(days, 1, 365),
    max_active_tokens_per_user: wholeNumber(active, 1, 100_000),
    access_token_seconds: wholeNumber(access, 60, 3600),
    refresh_retry_seconds: wholeNumber(retry, 0, 86_400),
  }
  const isGood = Object.values(numbers).every((number) => number !== undefined)
  const sunsetAt = momentOf(sunset)
  const save = useAction(async (key) => {
    // Whatever else the server keeps in a policy goes back as it came.
    const { legacy_sunset_at: _, ...rest } = policy
    const json = { ...rest, ...numbers, who_may_generate: who, allowed_scopes: scopes.split(/\s+/).filter(Boolean), ...(format ? { access_token_format: format } : {}), ...(sunsetAt ? { legacy_sunset_at: sunsetAt.toISOString() } : {}) }
    await call(workspacePath(workspace.id, '/policy'), { method: 'PUT', json, idempotencyKey: key })
    toast(t('policy.saved'))
    reload()
  })
  const outOfBounds = (number: number | undefined, min: number, max: number) => (number === undefined ? t('number.range', { min, max }) : undefined)
  return (
    <Form onSubmit={() => isGood && save.run()}>
      <TextField label={t('policy.lifetime')} type="number" min={1} max={365} value={days} onValue={setDays} hint={t('policy.lifetime.hint')} error={outOfBounds(numbers.max_lifetime_days, 1, 365) ?? complaint(save.error, 'max_lifetime_days')} />
      <SelectField label={t('policy.who')} value={who} onValue={setWho} choices={[{ value: 'members', text: t('policy.who.members') }, { value: 'admins', text: t('policy.who.admins') }]} />
      <TextField label={t('policy.active')} type="number" min={1} max={100_000} value={active} onValue={setActive} error={outOfBounds(numbers.max_active_tokens_per_user, 1, 100_000) ?? complaint(save.error, 'max_active_tokens_per_user')} />
      <TextField label={t('policy.access')} type="number" min={60} max={3600} value={access} onValue={setAccess} hint={t('policy.access.hint')} error={outOfBounds(numbers.access_token_seconds, 60, 3600) ?? complaint(save.error, 'access_token_seconds')} />
      <TextField label={t('policy.retry')} type="number" min={0} max={86_400} value={retry} onValue={setRetry} hint={t('policy.retry.hint')} error={outOfBounds(numbers.refresh_retry_seconds, 0, 86_400) ?? complaint(save.error, 'refresh_retry_seconds')} />
      {format && <SelectField label={t('policy.format')} value={format} onValue={setFormat} choices={[{ value: 'jwt', text: t('policy.format.jwt') }, { value: 'opaque', text: t('policy.format.opaque') }]} error={complaint(save.error, 'access_token_format')} />}
      <Field label={t('policy.scopes')} hint={t('policy.scopes.hint')} error={complaint(save.error, 'allowed_scopes')}>
        {({ id, describedBy }) => <textarea id={id} rows={4} spellcheck={false} aria-describedby={describedBy} value={scopes} onInput={(event) => setScopes(event.currentTarget.value)} />}
      </Field>
      <TextField label={t('legacy.sunset')} optional={t('optional')} type="datetime-local" step={1} value={sunset} onValue={setSunset} hint={t('legacy.sunset.hint')} error={complaint(save.error, 'legacy_sunset_at')} />
      <ErrorNote error={save.error} />
      <div class="form-actions"><Button look="primary" type="submit" busy={save.busy} disabled={!isGood}>{t('save')}</Button></div>
    </Form>
  )
}
