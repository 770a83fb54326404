// Every workspace of this server, for operators and the server auditor.
import { useState } from 'preact/hooks'
import type { Workspace } from '../../generated/types'
import { call, callAll } from '../core/api'
import { useAction, useLoad } from '../core/hooks'
import { navigate, urlOf } from '../core/router'
import { firstPage, useSignedIn } from '../core/session'
import { t } from '../i18n'
import { Ago, Badge, Button, CopyButton, Empty, ErrorNote, PageHead, Skeleton } from '../ui/basics'
import { Dialog } from '../ui/dialog'
import { complaint, Form, TextField } from '../ui/fields'
import { toast } from '../ui/toast'

export function WorkspacesPage() {
  const { session } = useSignedIn()
  const mayAdd = session.user.is_operator
  const [adds, setAdds] = useState(false)
  const workspaces = useLoad('workspaces', (signal) => callAll<Workspace>('/v1/workspaces', signal))
  return (
    <>
      <PageHead title={t('workspaces')} lead={t('workspaces.lead')}>
        {mayAdd && <Button look="primary" icon="plus" onClick={() => setAdds(true)}>{t('workspaces.add')}</Button>}
      </PageHead>
      <section class="panel" aria-label={t('workspaces')}>
        {workspaces.state === 'failed' && <ErrorNote error={workspaces.error} onRetry={workspaces.reload} />}
        {!workspaces.data && workspaces.state === 'loading' && <Skeleton />}
        {workspaces.data?.length === 0 && <Empty icon="building" title={t('workspaces.none')}>{mayAdd && <Button look="primary" onClick={() => navigate(urlOf('setup'))}>{t('setup.start')}</Button>}</Empty>}
        {workspaces.data && workspaces.data.length > 0 && (
          <div class="table-box" tabIndex={0} role="region" aria-label={t('workspaces')}>
            <table>
              <thead><tr><th scope="col">{t('workspace.name')}</th><th scope="col">{t('client.id')}</th><th scope="col">{t('role.yours')}</th><th scope="col">{t('token.created')}</th></tr></thead>
              <tbody>
                {workspaces.data.map((workspace) => (
                  <tr key={workspace.id}>
                    <td class="name"><a href={urlOf(workspace.id, workspace.role ? firstPage(session) : 'members')}>{workspace.name}</a></td>
                    <td data-label={t('client.id')}><span class="id-line"><code>{workspace.client_id}</code><CopyButton text={workspace.client_id} label={t('client.id')} /></span></td>
                    <td data-label={t('role.yours')}>{workspace.role ? <Badge tone="idle">{t(`role.${workspace.role}`)}</Badge> : <span class="muted">{t('role.none')}</span>}</td>
                    <td data-label={t('token.created')}><Ago time={workspace.created_at} /></td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
      {adds && <AddDialog onClose={() => setAdds(false)} />}
    </>
  )
}

function AddDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState('')
  const add = useAction(async (key) => {
    const made = await call<Workspace>('/v1/workspaces', { method: 'POST', json: { name: name.trim() }, idempotencyKey: key })
    toast(t('workspaces.added', { name: made.name }))
    onClose()
    navigate(urlOf(made.id, 'members'))
  }, name)
  return (
    <Dialog title={t('workspaces.add')} onClose={onClose}>
      <Form onSubmit={() => name.trim() && add.run()}>
        <TextField label={t('workspace.name')} value={name} onValue={setName} maxLength={120} hint={t('workspace.name.hint')} error={complaint(add.error, 'name')} autofocus required />
        <ErrorNote error={add.error} />
        <div class="form-actions">
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button look="primary" type="submit" busy={add.busy} disabled={!name.trim()}>{t('workspaces.add')}</Button>
        </div>
      </Form>
    </Dialog>
  )
}
