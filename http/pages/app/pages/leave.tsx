// Somebody leaves the server or a workspace: asks what becomes of their access, and tells what happened.
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Access, OffboardingResult, Workspace } from '../../generated/types'
import { call, workspacePath } from '../core/api'
import { useAction, useLoad } from '../core/hooks'
import { urlOf } from '../core/router'
import { formatExact, type Key, t, tn } from '../i18n'
import { Button, ErrorNote } from '../ui/basics'
import { Dialog } from '../ui/dialog'
import { complaint, Form, TextField } from '../ui/fields'
import { Icon } from '../ui/icons'

const CHOICES: readonly Access[] = ['revoke', 'keep']
const WORKSPACES_SHOWN_MAX = 8

interface LeaveDialogProps {
  title: string
  act: string
  /** The title of what is told afterwards. */
  done: string
  /** What it means that they leave. */
  children: ComponentChildren
  send: (key: string, access: Access, reason: string) => Promise<OffboardingResult>
  onClose: () => void
  /** Called once they have left: instead of onClose() when it was told, after it if nobody waited to be told. */
  onDone: () => void
  /** The workspace that they leave; absent: all. */
  from?: string
}

export function LeaveDialog({ title, act, done, children, send, onClose, onDone, from }: LeaveDialogProps) {
  const [access, setAccess] = useState<Access>('revoke')
  const [reason, setReason] = useState('')
  const [farewell, setFarewell] = useState<OffboardingResult>()
  const isOpen = useRef(true)
  useEffect(() => () => void (isOpen.current = false), [])
  const leave = useAction(async (key) => {
    const told = await send(key, access, reason.trim())
    if (isOpen.current) setFarewell(told)
    else onDone()
  }, [access, reason])
  if (farewell) {
    return (
      <Dialog title={done} onClose={onDone} actions={<Button look="primary" onClick={onDone} autofocus>{t('close')}</Button>}>
        <Told farewell={farewell} access={access} from={from} />
      </Dialog>
    )
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <Form onSubmit={() => leave.run()}>
        {children}
        <fieldset class="choices">
          <legend>{t('leave.access')}</legend>
          {CHOICES.map((one) => (
            <label key={one} class="choice">
              <input type="radio" name="access" value={one} checked={access === one} onChange={() => setAccess(one)} />
              <span><strong>{t(`leave.${one}`)}</strong><span class="hint">{t(`leave.${one}.hint`)}</span></span>
            </label>
          ))}
        </fieldset>
        <TextField label={t('reason')} optional={t('optional')} value={reason} onValue={setReason} maxLength={500} hint={t('leave.reason.hint')} error={complaint(leave.error, 'reason')} />
        <ErrorNote error={leave.error} />
        <div class="form-actions">
          <Button onClick={onClose} autofocus>{t('cancel')}</Button>
          <Button look="danger" type="submit" busy={leave.busy}>{act}</Button>
        </div>
      </Form>
    </Dialog>
  )
}

function Told({ farewell, access, from }: { farewell: OffboardingResult; access: Access; from: string | undefined }) {
  const { tokens_disabled: tokens, access_revoked: revoked, sessions_ended: sessions, workspaces_without_admin: leaderless } = farewell
  return (
    <>
      <ul class="effects">
        <li>{tn('leave.tokens', tokens)}</li>
        {revoked > 0 && <li>{tn('leave.revoked', revoked)}</li>}
        {sessions > 0 && <li>{tn('leave.sessions', sessions)}</li>}
      </ul>
      <h3>{t('leave.when')}</h3>
      <dl class="facts">
        <End name="leave.here" time={farewell.dead_here_at} isOver={access === 'revoke'} />
        <End name="leave.lists" time={farewell.dead_in_status_lists_by} />
        <End name="leave.everywhere" time={farewell.dead_everywhere_by} />
      </dl>
      {from && leaderless.length > 0 && <p class="note warn"><Icon name="alert" /> {t('leave.no_admin.here')}</p>}
      {!from && leaderless.length > 0 && <Leaderless ids={leaderless} />}
    </>
  )
}

type Place = 'leave.here' | 'leave.lists' | 'leave.everywhere'

function End({ name, time, isOver = false }: { name: Place; time: string; isOver?: boolean }) {
  return (
    <div>
      <dt>{t(name)}</dt>
      <dd><time dateTime={time}>{t(isOver ? 'leave.since' : 'leave.by', { time: formatExact(time) })}</time><span class="exact">{t(`${name}.hint` satisfies Key)}</span></dd>
    </div>
  )
}

/** Workspaces that have no admin now, each with the way to its members. */
function Leaderless({ ids }: { ids: string[] }) {
  const shown = ids.slice(0, WORKSPACES_SHOWN_MAX)
  const workspaces = useLoad(shown.join(), (signal) => Promise.all(shown.map((id) => call<Workspace>(workspacePath(id), { signal }))))
  return (
    <div class="note warn">
      <Icon name="alert" />
      <div>
        <p>{tn('leave.no_admin', ids.length)}</p>
        <ul>
          {shown.map((id, index) => <li key={id}><a href={urlOf(id, 'members')}>{workspaces.data?.[index]?.name ?? id}</a></li>)}
          {ids.length > shown.length && <li>{t('more', { count: ids.length - shown.length })}</li>}
        </ul>
      </div>
    </div>
  )
}
