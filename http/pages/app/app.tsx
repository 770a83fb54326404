// Which page is shown, and who sees it.
import { useEffect } from 'preact/hooks'
import type { Session, Workspace } from '../generated/types'
import { call, Problem, workspacePath } from './core/api'
import { useLoad, useOffline } from './core/hooks'
import { saveWorkspace, savedWorkspace } from './core/preferences'
import { followLinks, navigate, urlOf, usePlace } from './core/router'
import { firstPage, isServerAuditor, seesServer, SignedInContext, useSession, useSignedIn, WorkspaceContext } from './core/session'
import { t, useLanguage } from './i18n'
import { AuditPage } from './pages/audit'
import { LegacyPage } from './pages/legacy'
import { MembersPage } from './pages/members'
import { PeoplePage } from './pages/people'
import { PolicyPage } from './pages/policy'
import { ResourceServersPage } from './pages/resource_servers'
import { SetupPage } from './pages/setup'
import { Shell } from './pages/shell'
import { SignInPage } from './pages/sign_in'
import { TokenPage } from './pages/token'
import { TokensPage } from './pages/tokens'
import { WorkspacesPage } from './pages/workspaces'
import { Button, Empty, ErrorNote, PageHead, Skeleton } from './ui/basics'
import { Icon } from './ui/icons'
import { Toasts } from './ui/toast'

export function App() {
  const language = useLanguage()
  useEffect(() => {
    document.addEventListener('click', followLinks)
    return () => document.removeEventListener('click', followLinks)
  }, [])
  return (
    <>
      <OfflineBanner key={`banner-${language}`} />
      <Standing key={language} />
      <Toasts />
    </>
  )
}

function OfflineBanner() {
  if (!useOffline()) return null
  return <div class="offline" role="status"><Icon name="offline" /> {t('offline')}</div>
}

function Standing() {
  const { standing, refresh, signOut } = useSession()
  switch (standing.state) {
    case 'asking':
      return <div class="alone"><Skeleton rows={4} /></div>
    case 'failed':
      return <main class="alone"><h1>Tally</h1><ErrorNote error={standing.error} onRetry={() => void refresh()} /></main>
    case 'nobody':
      return <SignInPage ended={standing.ended} onSignedIn={refresh} />
    case 'signed-in':
      return <SignedInContext.Provider value={{ session: standing.session, refresh, signOut }}><Pages /></SignedInContext.Provider>
  }
}

function Pages() {
  const { path } = usePlace()
  const { session } = useSignedIn()
  const [first = '', second = '', third = '', ...more] = path
  if (first === 'setup' && session.user.is_operator) return <SetupPage />
  if (first === '') return <Home session={session} />
  if (first.startsWith('ws_')) return <InWorkspace key={first} id={first} page={second} item={third} tooDeep={more.length > 0} />
  const isServers = seesServer(session) && !second
  return (
    <Shell page={first}>
      {isServers && first === 'people' ? <PeoplePage /> : isServers && first === 'workspaces' ? <WorkspacesPage /> : <NoSuchPage />}
    </Shell>
  )
}

function NoSuchPage() {
  return (
    <>
      <PageHead title={t('nothing.title')} />
      <Empty icon="search" title={t('nothing.lead')}>
        <Button onClick={() => navigate(urlOf())}>{t('nothing.home')}</Button>
      </Empty>
    </>
  )
}

/** /app itself: the workspace seen last, or wherever there is something to do. */
function Home({ session }: { session: Session }) {
  const { user, workspaces } = session
  const seesAll = seesServer(session)
  const last = workspaces.find(({ id }) => id === savedWorkspace()) ?? workspaces[0]
  const all = useLoad('workspaces', async () => (last || !seesAll ? undefined : call<{ items: Workspace[] }>('/v1/workspaces?limit=1')))
  useEffect(() => {
    if (last) navigate(urlOf(last.id, firstPage(session)), 'replace')
    else if (all.data) navigate(urlOf(all.data.items.length > 0 || !user.is_operator ? 'workspaces' : 'setup'), 'replace')
  }, [last, all.data])
  if (last || seesAll) {
    return <div class="alone">{all.state === 'failed' ? <ErrorNote error={all.error} onRetry={all.reload} /> : <Skeleton rows={4} />}</div>
  }
  return (
    <Shell page="">
      <PageHead title={t('home.title')} />
      <Empty icon="building" title={t('home.none')}>
        <p>{t('home.none.next')}</p>
      </Empty>
    </Shell>
  )
}

function InWorkspace({ id, page, item, tooDeep }: { id: string; page: string; item: string; tooDeep: boolean }) {
  const loaded = useLoad(id, (signal) => call<Workspace>(workspacePath(id), { signal }))
  const workspace = loaded.data
  useEffect(() => {
    if (workspace) saveWorkspace(workspace.id)
  }, [workspace?.id])
  if (!workspace) {
    return (
      <Shell page="">
        {loaded.state === 'failed' ? <WorkspaceFailure error={loaded.error} onRetry={loaded.reload} /> : <Skeleton rows={8} />}
      </Shell>
    )
  }
  return (
    <WorkspaceContext.Provider value={{ workspace, role: workspace.role, reload: loaded.reload }}>
      <Shell page={page} workspace={workspace}>
        {tooDeep ? <NoSuchPage /> : <WorkspacePage page={page} item={item} workspace={workspace} />}
      </Shell>
    </WorkspaceContext.Provider>
  )
}

function WorkspaceFailure({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const isGone = error instanceof Problem && error.status === 404
  return (
    <>
      <PageHead title={isGone ? t('workspace.gone') : t('problem.unknown')} />
      <ErrorNote error={error} onRetry={isGone ? undefined : onRetry} />
      {isGone && <Button onClick={() => navigate(urlOf())}>{t('nothing.home')}</Button>}
    </>
  )
}

function WorkspacePage({ page, item, workspace }: { page: string; item: string; workspace: Workspace }) {
  const { role } = workspace
  const { session } = useSignedIn()
  const seesAll = role === 'admin' || role === 'auditor'
  if (page === 'tokens' && item && role) return <TokenPage key={item} id={item} />
  if (item) return <NoSuchPage />
  switch (page) {
    case '':
    case 'tokens':
      return role ? <TokensPage key="mine" scope="mine" /> : <MembersPage />
    case 'all-tokens':
      return seesAll ? <TokensPage key="all" scope="all" /> : <NoSuchPage />
    case 'audit':
      return seesAll ? <AuditPage /> : <NoSuchPage />
    case 'policy':
      return <PolicyPage />
    case 'members':
      return <MembersPage />
    case 'resource-servers':
      return role === 'admin' || isServerAuditor(session) ? <ResourceServersPage /> : <NoSuchPage />
    case 'legacy':
      return seesAll ? <LegacyPage /> : <NoSuchPage />
    default:
      return <NoSuchPage />
  }
}
