// Everybody with an account on this server, for operators; the server auditor reads it.
import { useState } from 'preact/hooks'
import type { Access, OffboardingResult, User } from '../../generated/types'
import { call, callAll } from '../core/api'
import { useAction, useLoad } from '../core/hooks'
import { useSignedIn } from '../core/session'
import { t } from '../i18n'
import { Ago, Badge, Button, CopyButton, ErrorNote, PageHead, shortId, Skeleton } from '../ui/basics'
import { Dialog } from '../ui/dialog'
import { complaint, Form } from '../ui/fields'
import { Icon } from '../ui/icons'
import { Menu, type MenuEntry } from '../ui/menu'
import { toast } from '../ui/toast'
import { LeaveDialog } from './leave'
import { bodyOf, isWhole, type NewPerson, NOBODY, PasswordMaker, PersonFields } from './person_form'
import { StandingBadge, StandingDialog } from './standing'

type Open = { kind: 'add' } | { kind: 'deactivate' | 'reactivate' | 'password' | 'standing'; user: User }

export function PeoplePage() {
  const { session } = useSignedIn()
  const mayManage = session.user.is_operator
  const [open, setOpen] = useState<Open>()
  const people = useLoad('people', (signal) => callAll<User>('/v1/users', signal))
  const close = () => setOpen(undefined)
  const done = () => {
    people.reload()
    close()
  }
  const entriesOf = (user: User): MenuEntry[] => {
    const isSelf = user.id === session.user.id
    if (user.deactivated_at) return [{ text: t('people.reactivate'), onChoose: () => setOpen({ kind: 'reactivate', user }) }]
    return [
      { text: t('standing.set'), onChoose: () => setOpen({ kind: 'standing', user }) },
      { text: t('password.set'), onChoose: () => setOpen({ kind: 'password', user }), disabled: isSelf },
      { text: t('people.deactivate'), tone: 'danger', onChoose: () => setOpen({ kind: 'deactivate', user }), disabled: isSelf },
    ]
  }
  return (
    <>
      <PageHead title={t('people')} lead={t('people.lead')}>
        {mayManage && <Button look="primary" icon="plus" onClick={() => setOpen({ kind: 'add' })}>{t('people.add')}</Button>}
      </PageHead>
      <section class="panel" aria-label={t('people')}>
        {people.state === 'failed' && <ErrorNote error={people.error} onRetry={people.reload} />}
        {!people.data && people.state === 'loading' && <Skeleton />}
        {people.data && (
          <div class="table-box" tabIndex={0} role="region" aria-label={t('people')}>
            <table>
              <thead><tr><th scope="col">{t('person.name')}</th><th scope="col">{t('username')}</th><th scope="col">{t('email')}</th><th scope="col">{t('token.status')}</th><th scope="col">{t('token.created')}</th><th scope="col">{t('person.id')}</th>{mayManage && <th class="actions"><span class="offscreen">{t('actions')}</span></th>}</tr></thead>
              <tbody>
                {people.data.map((user) => (
                  <tr key={user.id}>
                    <td class="name">{user.display_name} <StandingBadge standing={user.standing} /></td>
                    <td data-label={t('username')}>{user.username}</td>
                    <td data-label={t('email')}>{user.email ?? <span class="muted">–</span>}</td>
                    <td data-label={t('token.status')}>{user.deactivated_at ? <Badge tone="bad">{t('people.deactivated')}</Badge> : <Badge tone="good">{t('status.active')}</Badge>}</td>
                    <td data-label={t('token.created')}><Ago time={user.created_at} /></td>
                    <td data-label={t('person.id')}><span class="id-line"><code>{shortId(user.id)}</code><CopyButton text={user.id} label={t('person.id')} /></span></td>
                    {mayManage && <td class="actions"><Menu label={t('actions.of', { name: user.display_name })} entries={entriesOf(user)}><Icon name="more" /></Menu></td>}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
      {open?.kind === 'add' && <AddDialog onClose={close} onDone={people.reload} />}
      {open?.kind === 'deactivate' && <DeactivateDialog user={open.user} onClose={close} onDone={done} />}
      {open?.kind === 'reactivate' && <ReactivateDialog user={open.user} onClose={close} onDone={done} />}
      {open?.kind === 'standing' && <StandingDialog user={open.user} onClose={close} onDone={people.reload} />}
      {open?.kind === 'password' && <SetPasswordDialog user={open.user} onClose={close} />}
    </>
  )
}

function AddDialog({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const [person, setPerson] = useState<NewPerson>(NOBODY)
  const add = useAction(async (key) => {
    const made = await call<User>('/v1/users', { method: 'POST', json: bodyOf(person), idempotencyKey: key })
    toast(t('people.added', { name: made.display_name }))
    onDone()
    onClose()
  }, person)
  return (
    <Dialog title={t('people.add')} onClose={onClose}>
      <Form onSubmit={() => isWhole(person) && add.run()}>
        <PersonFields person={person} onPerson={setPerson} error={add.error} />
        <ErrorNote error={add.error} />
        <div class="form-actions">
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button look="primary" type="submit" busy={add.busy} disabled={!isWhole(person)}>{t('people.add')}</Button>
        </div>
      </Form>
    </Dialog>
  )
}

function DeactivateDialog({ user, onClose, onDone }: { user: User; onClose: () => void; onDone: () => void }) {
  const deactivate = (key: string, access: Access, reason: string) =>
    call<OffboardingResult>(`/v1/users/${user.id}:deactivate`, { method: 'POST', json: { access, ...(reason ? { reason } : {}) }, idempotencyKey: key })
  return (
    <LeaveDialog title={t('people.deactivate.title', { name: user.display_name })} act={t('people.deactivate')} done={t('people.deactivated.done', { name: user.display_name })} send={deactivate} onClose={onClose} onDone={onDone}>
      <p>{t('people.deactivate.lead')}</p>
    </LeaveDialog>
  )
}

function ReactivateDialog({ user, onClose, onDone }: { user: User; onClose: () => void; onDone: () => void }) {
  const reactivate = useAction(async (key) => {
    await call(`/v1/users/${user.id}:reactivate`, { method: 'POST', idempotencyKey: key })
    toast(t('people.reactivated', { name: user.display_name }))
    onDone()
  })
  return (
    <Dialog title={t('people.reactivate.title', { name: user.display_name })} onClose={onClose}>
      <Form onSubmit={() => reactivate.run()}>
        <p>{t('people.reactivate.lead')}</p>
        <ErrorNote error={reactivate.error} />
        <div class="form-actions">
          <Button onClick={onClose} autofocus>{t('cancel')}</Button>
          <Button look="primary" type="submit" busy={reactivate.busy}>{t('people.reactivate')}</Button>
        </div>
      </Form>
    </Dialog>
  )
}

function SetPasswordDialog({ user, onClose }: { user: User; onClose: () => void }) {
  const [password, setPassword] = useState('')
  const set = useAction(async (key) => {
    await call(`/v1/users/${user.id}:setPassword`, { method: 'POST', json: { password }, idempotencyKey: key })
    toast(t('password.set.done', { name: user.display_name }))
    onClose()
  }, password)
  return (
    <Dialog title={t('password.set.title', { name: user.display_name })} onClose={onClose}>
      <Form onSubmit={() => password.length >= 12 && set.run()}>
        <p>{t('password.set.lead')}</p>
        <PasswordMaker password={password} onPassword={setPassword} error={complaint(set.error, 'password')} />
        <ErrorNote error={set.error} />
        <div class="form-actions">
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button look="primary" type="submit" busy={set.busy} disabled={password.length < 12}>{t('password.set')}</Button>
        </div>
      </Form>
    </Dialog>
  )
}
