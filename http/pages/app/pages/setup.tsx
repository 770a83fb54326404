// The operator's first visit: a workspace, and somebody to run it.
import { useEffect, useState } from 'preact/hooks'
import type { Role, User, Workspace } from '../../generated/types'
import { call, workspacePath } from '../core/api'
import { useAction } from '../core/hooks'
import { navigate, urlOf } from '../core/router'
import { useSignedIn } from '../core/session'
import { t } from '../i18n'
import { Button, Copyable, ErrorNote } from '../ui/basics'
import { complaint, Form, SelectField, TextField } from '../ui/fields'
import { Icon, Logo } from '../ui/icons'
import { roleChoices } from './members'
import { bodyOf, isWhole, type NewPerson, NOBODY, PersonFields } from './person_form'

type Who = 'somebody' | 'me'

export function SetupPage() {
  const [workspace, setWorkspace] = useState<Workspace>()
  const [person, setPerson] = useState<User>()
  const [isDone, setDone] = useState(false)
  const step = isDone ? 3 : person ? 2 : workspace ? 1 : 0
  useEffect(() => {
    document.title = `${t('setup.title')} · Tally`
    document.querySelector<HTMLElement>('.setup h1')?.focus()
  }, [step])
  return (
    <main class="setup">
      <div class="brand"><Logo /> <span>Tally</span></div>
      <ol class="steps" aria-label={t('setup.steps')}>
        {([t('setup.workspace'), t('setup.person'), t('setup.role')]).map((name, index) => (
          <li key={name} class={index < step ? 'done' : undefined} aria-current={index === step ? 'step' : undefined}>
            <span class="step-number">{index < step ? <Icon name="check" size={14} /> : index + 1}</span> {name}
          </li>
        ))}
      </ol>
      <section class="panel padded">
        {!workspace && <WorkspaceStep onMade={setWorkspace} />}
        {workspace && !person && <PersonStep onChosen={setPerson} />}
        {workspace && person && !isDone && <RoleStep workspace={workspace} person={person} onDone={() => setDone(true)} />}
        {workspace && person && isDone && <Done workspace={workspace} person={person} />}
      </section>
      {step === 0 && <p class="aside"><a href={urlOf('workspaces')}>{t('setup.skip')}</a></p>}
    </main>
  )
}

function WorkspaceStep({ onMade }: { onMade: (workspace: Workspace) => void }) {
  const [name, setName] = useState('')
  const make = useAction(async (key) => {
    onMade(await call<Workspace>('/v1/workspaces', { method: 'POST', json: { name: name.trim() }, idempotencyKey: key }))
  }, name)
  return (
    <Form onSubmit={() => name.trim() && make.run()}>
      <h1 tabIndex={-1}>{t('setup.title')}</h1>
      <p class="lead">{t('setup.lead')}</p>
      <TextField label={t('workspace.name')} value={name} onValue={setName} maxLength={120} hint={t('workspace.name.hint')} error={complaint(make.error, 'name')} required />
      <ErrorNote error={make.error} />
      <div class="form-actions"><Button look="primary" type="submit" busy={make.busy} disabled={!name.trim()}>{t('setup.next')}</Button></div>
    </Form>
  )
}

function PersonStep({ onChosen }: { onChosen: (person: User) => void }) {
  const { session } = useSignedIn()
  const [who, setWho] = useState<Who>('somebody')
  const [person, setPerson] = useState<NewPerson>(NOBODY)
  const choose = useAction(async (key) => {
    onChosen(who === 'me' ? session.user : await call<User>('/v1/users', { method: 'POST', json: bodyOf(person), idempotencyKey: key }))
  }, [who, person])
  const isReady = who === 'me' || isWhole(person)
  return (
    <Form onSubmit={() => isReady && choose.run()}>
      <h1 tabIndex={-1}>{t('setup.person.title')}</h1>
      <p class="lead">{t('setup.person.lead')}</p>
      <fieldset class="choices">
        <legend class="offscreen">{t('setup.person')}</legend>
        {(['somebody', 'me'] as const).map((one) => (
          <label key={one} class="choice"><input type="radio" name="who" checked={who === one} onChange={() => setWho(one)} /><span><strong>{t(`setup.who.${one}`)}</strong><span class="hint">{t(`setup.who.${one}.hint`)}</span></span></label>
        ))}
      </fieldset>
      {who === 'somebody' && <PersonFields person={person} onPerson={setPerson} error={choose.error} />}
      <ErrorNote error={choose.error} />
      <div class="form-actions"><Button look="primary" type="submit" busy={choose.busy} disabled={!isReady}>{t('setup.next')}</Button></div>
    </Form>
  )
}

function RoleStep({ workspace, person, onDone }: { workspace: Workspace; person: User; onDone: () => void }) {
  const { refresh } = useSignedIn()
  const [role, setRole] = useState<Role>('admin')
  const put = useAction(async (key) => {
    await call(workspacePath(workspace.id, `/members/${person.id}`), { method: 'PUT', json: { role }, idempotencyKey: key })
    onDone()
    await refresh()
  }, role)
  return (
    <Form onSubmit={() => put.run()}>
      <h1 tabIndex={-1}>{t('setup.role.title', { name: person.display_name, workspace: workspace.name })}</h1>
      <SelectField label={t('role')} value={role} onValue={setRole} choices={roleChoices()} hint={t(`role.${role}.hint`)} />
      <ErrorNote error={put.error} />
      <div class="form-actions"><Button look="primary" type="submit" busy={put.busy}>{t('setup.finish')}</Button></div>
    </Form>
  )
}

function Done({ workspace, person }: { workspace: Workspace; person: User }) {
  const { session, signOut } = useSignedIn()
  const isMe = person.id === session.user.id
  const goOn = () => navigate(urlOf(workspace.id, isMe ? 'tokens' : 'members'))
  return (
    <>
      <h1 tabIndex={-1}>{t('setup.done')}</h1>
      <p class="lead">{isMe ? t('setup.done.me') : t('setup.done.other', { name: person.display_name, username: person.username })}</p>
      <div class="client inside">
        <Copyable label={t('client.id')} value={workspace.client_id} />
        <Copyable label={t('client.endpoint')} value={workspace.token_endpoint} />
      </div>
      <div class="form-actions">
        {!isMe && <Button onClick={() => { navigate(urlOf(workspace.id, 'tokens')); void signOut() }}>{t('setup.sign_in_as', { name: person.display_name })}</Button>}
        <Button look="primary" onClick={goOn}>{t('setup.open')}</Button>
      </div>
    </>
  )
}
