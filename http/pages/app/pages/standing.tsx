// What a person is to the server as a whole, beside their roles in workspaces.
import { useState } from 'preact/hooks'
import type { ServerStanding, User } from '../../generated/types'
import { call } from '../core/api'
import { useAction } from '../core/hooks'
import { navigate, urlOf } from '../core/router'
import { seesServer, useSignedIn } from '../core/session'
import { t } from '../i18n'
import { Badge, Button, ErrorNote } from '../ui/basics'
import { Dialog } from '../ui/dialog'
import { Form } from '../ui/fields'
import { Icon } from '../ui/icons'
import { toast } from '../ui/toast'

const STANDINGS: readonly ServerStanding[] = ['none', 'operator', 'break_glass', 'auditor']

export function StandingBadge({ standing }: { standing: ServerStanding }) {
  if (standing === 'none') return null
  return <Badge tone={standing === 'auditor' ? 'idle' : 'accent'}>{t(`standing.${standing}`)}</Badge>
}

export function StandingDialog({ user, onClose, onDone }: { user: User; onClose: () => void; onDone: () => void }) {
  const { session, refresh } = useSignedIn()
  const [standing, setStanding] = useState(user.standing)
  const isSelf = user.id === session.user.id
  const givesUp = isSelf && standing !== 'operator' && standing !== 'break_glass'
  const change = useAction(async (key) => {
    const changed = await call<User>(`/v1/users/${user.id}:setOperator`, { method: 'POST', json: { standing }, idempotencyKey: key })
    toast(t('standing.done', { name: changed.display_name, standing: t(`standing.${changed.standing}`) }))
    onClose()
    if (!isSelf) return onDone()
    await refresh()
    if (seesServer({ ...session, user: changed })) onDone()
    else navigate(urlOf())
  }, standing)
  return (
    <Dialog title={t('standing.title', { name: user.display_name })} onClose={onClose}>
      <Form onSubmit={() => standing !== user.standing && change.run()}>
        <p>{t('standing.lead')}</p>
        <fieldset class="choices">
          <legend class="offscreen">{t('standing.legend')}</legend>
          {STANDINGS.map((one) => (
            <label key={one} class="choice">
              <input type="radio" name="standing" value={one} checked={standing === one} onChange={() => setStanding(one)} />
              <span><strong>{t(`standing.${one}`)}</strong><span class="hint">{t(`standing.${one}.hint`)}</span></span>
            </label>
          ))}
        </fieldset>
        {givesUp && !change.error && <p class="note warn"><Icon name="alert" /> {t('standing.own')}</p>}
        <ErrorNote error={change.error} />
        <div class="form-actions">
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button look="primary" type="submit" busy={change.busy} disabled={standing === user.standing}>{t('save')}</Button>
        </div>
      </Form>
    </Dialog>
  )
}
