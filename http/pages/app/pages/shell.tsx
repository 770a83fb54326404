// What stands around every page: where one is, where one can go, who one is.
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Workspace } from '../../generated/types'
import { features } from '../core/features'
import { navigate, urlOf } from '../core/router'
import { firstPage, isServerAuditor, seesServer, useSignedIn } from '../core/session'
import { t } from '../i18n'
import { Badge, CopyButton, IconButton, titleOf } from '../ui/basics'
import { Icon, type IconName, Logo } from '../ui/icons'
import { Menu, type MenuEntry } from '../ui/menu'
import { toast } from '../ui/toast'
import { languageItems, PasswordDialog, themeItems } from './account'

interface ShellProps {
  page: string
  workspace?: Workspace
  children: ComponentChildren
}

export function Shell({ page, workspace, children }: ShellProps) {
  const [navOpen, setNavOpen] = useState(false)
  const main = useRef<HTMLElement>(null)
  const isFirst = useRef(true)
  useEffect(() => {
    setNavOpen(false)
    // Whoever reads by ear is told where they are now; the first page is read from its top anyway.
    if (!isFirst.current) main.current?.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true })
    isFirst.current = false
  }, [page, workspace?.id])
  const closeNav = () => navOpen && setNavOpen(false)
  return (
    <div class={navOpen ? 'shell nav-open' : 'shell'} onKeyDown={(event) => event.key === 'Escape' && closeNav()}>
      <a class="skip" href="#main" onClick={(event) => {
        event.preventDefault()
        main.current?.focus()
      }}>{t('skip')}</a>
      <header class="top">
        <IconButton name="menu" label={t('nav.open')} class="icon-button nav-button" aria-expanded={navOpen} onClick={() => setNavOpen(!navOpen)} />
        <a class="brand" href={urlOf()} aria-label="Tally"><Logo /> <span>Tally</span></a>
        <WorkspaceMenu current={workspace} />
        <AccountMenu />
      </header>
      <nav class="side" aria-label={t('nav')}>
        <Links page={page} workspace={workspace} />
      </nav>
      <main id="main" ref={main} tabIndex={-1} onClick={closeNav}>{children}</main>
    </div>
  )
}

function WorkspaceMenu({ current }: { current: Workspace | undefined }) {
  const { session } = useSignedIn()
  const entries: MenuEntry[] = session.workspaces.map(({ id, name }) => ({ text: name, checked: id === current?.id, onChoose: () => navigate(urlOf(id, firstPage(session))) }))
  if (seesServer(session)) entries.push(...(entries.length > 0 ? ['line' as const] : []), { text: t('workspaces.all'), onChoose: () => navigate(urlOf('workspaces')) })
  if (entries.length === 0) return <span class="grow" />
  return (
    <span class="grow">
      <Menu label={t('workspace.choose')} entries={entries} className="workspace-button">
        <span class="workspace-name">{current?.name ?? t('workspace.choose')}</span>
        {current?.role && <Badge tone="idle">{t(`role.${current.role}`)}</Badge>}
        <Icon name="down" size={14} />
      </Menu>
    </span>
  )
}

function AccountMenu() {
  const { session, signOut } = useSignedIn()
  const [, setRound] = useState(0)
  const [changesPassword, setChangesPassword] = useState(false)
  const { user } = session
  const leave = () => signOut().catch((error: unknown) => toast(titleOf(error), 'bad'))
  const entries: MenuEntry[] = [
    { heading: t('language'), items: languageItems() },
    { heading: t('theme'), items: themeItems(() => setRound((round) => round + 1)) },
    'line',
    { text: t('password.change'), onChoose: () => setChangesPassword(true) },
    { text: t('sign_out'), onChoose: () => void leave() },
  ]
  const head = <><strong>{user.display_name}</strong><span class="muted">{user.username}</span><span class="id-line"><code>{user.id}</code><CopyButton text={user.id} label={t('account.id')} /></span></>
  return (
    <>
      <Menu label={t('account')} entries={entries} className="account-button" head={head}>
        <span class="avatar" aria-hidden="true">{[...user.display_name][0]?.toUpperCase()}</span>
        <span class="account-name">{user.display_name}</span>
        <Icon name="down" size={14} />
      </Menu>
      {changesPassword && <PasswordDialog onClose={() => setChangesPassword(false)} />}
    </>
  )
}

function Links({ page, workspace }: { page: string; workspace: Workspace | undefined }) {
  const { session } = useSignedIn()
  const role = workspace?.role
  const seesAll = role === 'admin' || role === 'auditor'
  const isAuditor = isServerAuditor(session)
  const link = (to: string[], icon: IconName, text: string) => {
    const isHere = to.at(-1) === page || (page === '' && to.at(-1) === 'tokens')
    return <li><a href={urlOf(...to)} aria-current={isHere ? 'page' : undefined}><Icon name={icon} /> {text}</a></li>
  }
  return (
    <>
      {workspace && (
        <ul>
          {role && !isAuditor && link([workspace.id, 'tokens'], 'token', t('tokens'))}
          {seesAll && link([workspace.id, 'all-tokens'], 'people', t('tokens.all'))}
          {seesAll && link([workspace.id, 'audit'], 'audit', t('audit'))}
        </ul>
      )}
      {workspace && (
        <>
          <h2>{t('nav.workspace')}</h2>
          <ul>
            {link([workspace.id, 'policy'], 'policy', t('policy'))}
            {(role === 'admin' || seesServer(session)) && link([workspace.id, 'members'], 'user', t('members'))}
            {(role === 'admin' || isAuditor) && link([workspace.id, 'resource-servers'], 'server', t('servers'))}
            {seesAll && features.legacy && link([workspace.id, 'legacy'], 'legacy', t('legacy'))}
          </ul>
        </>
      )}
      {seesServer(session) && (
        <>
          <h2>{t('nav.operator')}</h2>
          <ul>
            {link(['workspaces'], 'building', t('workspaces'))}
            {link(['people'], 'people', t('people'))}
          </ul>
        </>
      )}
    </>
  )
}
