// Who belongs to the workspace, and as what.
import { useState } from 'preact/hooks'
import type { Access, Member, OffboardingResult, Role, User } from '../../generated/types'
import { call, callAll, query, workspacePath } from '../core/api'
import { useAction, useLoad } from '../core/hooks'
import { navigate, urlOf } from '../core/router'
import { isServerAuditor, useSignedIn, useWorkspace } from '../core/session'
import { t } from '../i18n'
import { Ago, Button, Empty, ErrorNote, PageHead, Skeleton } from '../ui/basics'
import { Dialog } from '../ui/dialog'
import { complaint, Form, SelectField, TextField } from '../ui/fields'
import { Icon } from '../ui/icons'
import { toast } from '../ui/toast'
import { LeaveDialog } from './leave'
import { nameOf } from './owners'

const ROLES: readonly Role[] = ['member', 'admin', 'auditor']
export const roleChoices = () => ROLES.map((role) => ({ value: role, text: t(`role.${role}`) }))

export function MembersPage() {
  const { workspace, role } = useWorkspace()
  const { session, refresh } = useSignedIn()
  const mayManage = role === 'admin' || session.user.is_operator
  const maySee = mayManage || isServerAuditor(session)
  const [adds, setAdds] = useState(false)
  const [leaving, setLeaving] = useState<Member>()
  const members = useLoad(workspace.id, async (signal) => (maySee ? callAll<Member>(workspacePath(workspace.id, '/members'), signal) : []))
  const changedOwn = useOwnStandingChange()
  if (!maySee) return <><PageHead title={t('members')} /><Empty icon="people" title={t('members.not_yours')} /></>
  const admins = members.data?.filter(({ role: theirs }) => theirs === 'admin').length
  const addButton = <Button look="primary" icon="plus" onClick={() => setAdds(true)}>{t('members.add')}</Button>
  const hasLeft = (user: string) => {
    setLeaving(undefined)
    if (user === session.user.id && !session.user.is_operator) return void refresh().then(() => navigate(urlOf()))
    members.reload()
    changedOwn(user)
  }
  return (
    <>
      <PageHead title={t('members')} lead={t('members.lead')}>
        {mayManage && addButton}
      </PageHead>
      <section class="panel" aria-label={t('members')}>
        {members.state === 'failed' && <ErrorNote error={members.error} onRetry={members.reload} />}
        {!members.data && members.state === 'loading' && <Skeleton />}
        {members.data?.length === 0 && <Empty icon="people" title={t('members.none')}>{mayManage && addButton}</Empty>}
        {members.data && members.data.length > 0 && (
          <div class="table-box" tabIndex={0} role="region" aria-label={t('members')}>
            <table>
              <thead><tr><th scope="col">{t('person.name')}</th><th scope="col">{t('username')}</th><th scope="col">{t('role')}</th><th scope="col">{t('members.since')}</th>{mayManage && <th class="actions"><span class="offscreen">{t('actions')}</span></th>}</tr></thead>
              <tbody>
                {members.data.map((member) => (
                  <tr key={member.user.id}>
                    <td class="name">{nameOf(member.user)}</td>
                    <td data-label={t('username')}>{member.user.username}</td>
                    <td data-label={t('role')}>{mayManage ? <RoleChoice member={member} onChanged={members.reload} /> : t(`role.${member.role}`)}</td>
                    <td data-label={t('members.since')}><Ago time={member.added_at} /></td>
                    {mayManage && <td class="actions"><Button look="quiet" onClick={() => setLeaving(member)}>{t('members.remove')}</Button></td>}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
      {adds && <AddDialog members={members.data ?? []} onClose={() => setAdds(false)} onDone={members.reload} />}
      {leaving && <RemoveDialog member={leaving} isLastAdmin={leaving.role === 'admin' && admins === 1} onClose={() => setLeaving(undefined)} onDone={() => hasLeft(leaving.user.id)} />}
    </>
  )
}

function useOwnStandingChange(): (user: string) => void {
  const { session, refresh } = useSignedIn()
  const { reload } = useWorkspace()
  return (user) => {
    if (user !== session.user.id) return
    void refresh()
    reload()
  }
}

function RoleChoice({ member, onChanged }: { member: Member; onChanged: () => void }) {
  const { workspace } = useWorkspace()
  const changedOwn = useOwnStandingChange()
  const change = useAction(async (key, role: Role) => {
    await call(workspacePath(workspace.id, `/members/${member.user.id}`), { method: 'PUT', json: { role }, idempotencyKey: key })
    toast(t('members.changed', { name: nameOf(member.user), role: t(`role.${role}`) }))
    onChanged()
    changedOwn(member.user.id)
  })
  return (
    <>
      <select aria-label={t('members.role_of', { name: nameOf(member.user) })} value={member.role} disabled={change.busy} onChange={(event) => change.run(event.currentTarget.value as Role)}>
        {roleChoices().map(({ value, text }) => <option key={value} value={value} selected={value === member.role}>{text}</option>)}
      </select>
      <ErrorNote error={change.error} />
    </>
  )
}

function AddDialog({ members, onClose, onDone }: { members: Member[]; onClose: () => void; onDone: () => void }) {
  const { workspace } = useWorkspace()
  const { session } = useSignedIn()
  const changedOwn = useOwnStandingChange()
  const [user, setUser] = useState('')
  const [role, setRole] = useState<Role>('member')
  const isOperator = session.user.is_operator
  const people = useLoad('people', async (signal) => (isOperator ? callAll<User>('/v1/users', signal) : []))
  const isMember = new Set(members.map((member) => member.user.id))
  const choices = (people.data ?? []).filter((person) => !isMember.has(person.id) && !person.deactivated_at)
  const add = useAction(async (key) => {
    await call(workspacePath(workspace.id, `/members/${user.trim()}`), { method: 'PUT', json: { role }, idempotencyKey: key })
    toast(t('members.added'))
    onDone()
    changedOwn(user.trim())
    onClose()
  }, [user, role])
  return (
    <Dialog title={t('members.add')} onClose={onClose}>
      <Form onSubmit={() => user && add.run()}>
        {isOperator ? (
          <SelectField label={t('person')} value={user} onValue={setUser} hint={people.state === 'ready' && choices.length === 0 ? t('members.nobody_left') : undefined} choices={[{ value: '', text: t('person.choose') }, ...choices.map((person) => ({ value: person.id, text: `${person.display_name} (${person.username})` }))]} />
        ) : (
          <TextField label={t('person.id')} value={user} onValue={setUser} placeholder="usr_…" spellcheck={false} hint={t('person.id.hint')} error={complaint(add.error, 'user')} autofocus />
        )}
        <SelectField label={t('role')} value={role} onValue={setRole} choices={roleChoices()} hint={t(`role.${role}.hint`)} />
        <ErrorNote error={people.error} />
        <ErrorNote error={add.error} />
        <div class="form-actions">
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button look="primary" type="submit" busy={add.busy} disabled={!user}>{t('members.add')}</Button>
        </div>
      </Form>
    </Dialog>
  )
}

function RemoveDialog({ member, isLastAdmin, onClose, onDone }: { member: Member; isLastAdmin: boolean; onClose: () => void; onDone: () => void }) {
  const { workspace } = useWorkspace()
  const name = nameOf(member.user)
  const remove = (key: string, access: Access, reason: string) =>
    call<OffboardingResult>(workspacePath(workspace.id, `/members/${member.user.id}${query({ access, reason })}`), { method: 'DELETE', idempotencyKey: key })
  return (
    <LeaveDialog title={t('members.remove.title', { name })} act={t('members.remove')} done={t('members.removed', { name })} send={remove} onClose={onClose} onDone={onDone} from={workspace.id}>
      <p>{t('members.remove.lead')}</p>
      {isLastAdmin && <p class="note warn"><Icon name="alert" /> {t('members.remove.last_admin', { name })}</p>}
    </LeaveDialog>
  )
}
