// The APIs that accept this workspace's access tokens and may ask about them.
import { useState } from 'preact/hooks'
import type { NewResourceServer, ResourceServer } from '../../generated/types'
import { call, callAll, workspacePath } from '../core/api'
import { useAction, useLoad } from '../core/hooks'
import { useWorkspace } from '../core/session'
import { t } from '../i18n'
import { Ago, Button, Copyable, CopyButton, Empty, ErrorNote, PageHead, Skeleton } from '../ui/basics'
import { Dialog } from '../ui/dialog'
import { complaint, Form, TextField } from '../ui/fields'
import { Icon } from '../ui/icons'
import { toast } from '../ui/toast'

export function ResourceServersPage() {
  const { workspace, role } = useWorkspace()
  const mayManage = role === 'admin'
  const [adds, setAdds] = useState(false)
  const [leaving, setLeaving] = useState<ResourceServer>()
  const servers = useLoad(workspace.id, (signal) => callAll<ResourceServer>(workspacePath(workspace.id, '/resource-servers'), signal))
  return (
    <>
      <PageHead title={t('servers')} lead={t('servers.lead')}>
        {mayManage && <Button look="primary" icon="plus" onClick={() => setAdds(true)}>{t('servers.add')}</Button>}
      </PageHead>
      <section class="client" aria-label={t('client')}>
        <Copyable label={t('client.audience')} value={workspace.audience} />
      </section>
      <section class="panel" aria-label={t('servers')}>
        {servers.state === 'failed' && <ErrorNote error={servers.error} onRetry={servers.reload} />}
        {!servers.data && servers.state === 'loading' && <Skeleton />}
        {servers.data?.length === 0 && <Empty icon="server" title={t('servers.none')}><p>{t('servers.none.next')}</p>{mayManage && <Button look="primary" icon="plus" onClick={() => setAdds(true)}>{t('servers.add')}</Button>}</Empty>}
        {servers.data && servers.data.length > 0 && (
          <div class="table-box" tabIndex={0} role="region" aria-label={t('servers')}>
            <table>
              <thead><tr><th scope="col">{t('token.name')}</th><th scope="col">{t('servers.id')}</th><th scope="col">{t('token.created')}</th>{mayManage && <th class="actions"><span class="offscreen">{t('actions')}</span></th>}</tr></thead>
              <tbody>
                {servers.data.map((server) => (
                  <tr key={server.id}>
                    <td class="name">{server.name}</td>
                    <td data-label={t('servers.id')}><span class="id-line"><code>{server.id}</code><CopyButton text={server.id} label={t('servers.id')} /></span></td>
                    <td data-label={t('token.created')}><Ago time={server.created_at} /></td>
                    {mayManage && <td class="actions"><Button look="quiet" onClick={() => setLeaving(server)}>{t('servers.remove')}</Button></td>}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
      {adds && <AddDialog onClose={() => setAdds(false)} onDone={servers.reload} />}
      {leaving && <RemoveDialog server={leaving} onClose={() => setLeaving(undefined)} onDone={servers.reload} />}
    </>
  )
}

function AddDialog({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const { workspace } = useWorkspace()
  const [name, setName] = useState('')
  const [made, setMade] = useState<NewResourceServer>()
  const add = useAction(async (key) => {
    setMade(await call<NewResourceServer>(workspacePath(workspace.id, '/resource-servers'), { method: 'POST', json: { name: name.trim() }, idempotencyKey: key }))
    onDone()
  }, name)
  if (made) {
    return (
      <Dialog title={t('servers.made', { name: made.name })} onClose={onClose} deliberate wide actions={<Button look="primary" onClick={onClose}>{t('close')}</Button>}>
        <p class="note warn" role="alert"><Icon name="alert" /> {t('secrets.once')}</p>
        <Copyable label={t('servers.id')} value={made.id} />
        <Copyable secret label={t('servers.secret')} value={made.secret} />
        <p class="hint">{t('servers.secret.hint')}</p>
      </Dialog>
    )
  }
  return (
    <Dialog title={t('servers.add')} onClose={onClose}>
      <Form onSubmit={() => name.trim() && add.run()}>
        <TextField label={t('token.name')} value={name} onValue={setName} maxLength={120} hint={t('servers.name.hint')} error={complaint(add.error, 'name')} autofocus required />
        <ErrorNote error={add.error} />
        <div class="form-actions">
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button look="primary" type="submit" busy={add.busy} disabled={!name.trim()}>{t('servers.add')}</Button>
        </div>
      </Form>
    </Dialog>
  )
}

function RemoveDialog({ server, onClose, onDone }: { server: ResourceServer; onClose: () => void; onDone: () => void }) {
  const { workspace } = useWorkspace()
  const remove = useAction(async (key) => {
    await call(workspacePath(workspace.id, `/resource-servers/${server.id}`), { method: 'DELETE', idempotencyKey: key })
    toast(t('servers.removed', { name: server.name }))
    onDone()
    onClose()
  })
  return (
    <Dialog title={t('servers.remove.title', { name: server.name })} onClose={onClose}>
      <Form onSubmit={() => remove.run()}>
        <p>{t('servers.remove.lead')}</p>
        <ErrorNote error={remove.error} />
        <div class="form-actions">
          <Button onClick={onClose} autofocus>{t('cancel')}</Button>
          <Button look="danger" type="submit" busy={remove.busy}>{t('servers.remove')}</Button>
        </div>
      </Form>
    </Dialog>
  )
}
