// Who is signed in, in every tab alike.
import { createContext } from 'preact'
import { useCallback, useContext, useEffect, useRef, useState } from 'preact/hooks'
import type { Role, Session, Workspace } from '../../generated/types'
import { call, onSessionEnd, Problem } from './api'

export type Standing =
  | { state: 'asking' }
  | { state: 'failed'; error: unknown }
  | { state: 'nobody'; ended: boolean }
  | { state: 'signed-in'; session: Session }

const channel = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('tally.session')

export interface SessionControl {
  standing: Standing
  /** Asks the server again: after a sign-in, or when the memberships may have changed. */
  refresh: () => Promise<void>
  signOut: () => Promise<void>
}

async function ask(): Promise<Standing> {
  try {
    return { state: 'signed-in', session: await call<Session>('/v1/session', { expectsNobody: true }) }
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return { state: 'nobody', ended: false }
    return { state: 'failed', error }
  }
}

export function useSession(): SessionControl {
  const [standing, setStanding] = useState<Standing>({ state: 'asking' })
  // An answer to an older question, or from before the sign-out, does not say who is signed in now.
  const questions = useRef(0)
  const askAgain = useCallback(async () => {
    questions.current += 1
    const mine = questions.current
    const found = await ask()
    if (mine === questions.current) setStanding(found)
  }, [])
  useEffect(() => {
    void askAgain()
    const removeListener = onSessionEnd(() => setStanding({ state: 'nobody', ended: true }))
    const changedElsewhere = () => void askAgain()
    channel?.addEventListener('message', changedElsewhere)
    // A page that the browser kept as it was may belong to a session that is over.
    const shown = (event: PageTransitionEvent) => event.persisted && void askAgain()
    addEventListener('pageshow', shown)
    return () => {
      removeListener()
      channel?.removeEventListener('message', changedElsewhere)
      removeEventListener('pageshow', shown)
    }
  }, [askAgain])

  const refresh = useCallback(async () => {
    channel?.postMessage('changed')
    await askAgain()
  }, [askAgain])

  const signOut = useCallback(async () => {
    try {
      await call('/v1/session', { method: 'DELETE', expectsNobody: true })
    } catch (error) {
      if (!(error instanceof Problem && error.status === 401)) throw error
    }
    questions.current += 1
    setStanding({ state: 'nobody', ended: false })
    channel?.postMessage('changed')
  }, [])
  return { standing, refresh, signOut }
}

export interface SignedIn {
  session: Session
  refresh: () => Promise<void>
  signOut: () => Promise<void>
}

/** Reads everything of the whole server, and changes nothing. */
export const isServerAuditor = ({ user }: Session) => user.standing === 'auditor'
/** Whether people and workspaces that are none of theirs are there for them. */
export const seesServer = (session: Session) => session.user.is_operator || isServerAuditor(session)
/** The page of a workspace that somebody comes to: who generates no tokens looks at everyone's. */
export const firstPage = (session: Session) => (isServerAuditor(session) ? 'all-tokens' : 'tokens')

export const SignedInContext = createContext<SignedIn | undefined>(undefined)

export function useSignedIn(): SignedIn {
  const value = useContext(SignedInContext)
  if (!value) throw new Error('nobody is signed in here')
  return value
}

export interface InWorkspace {
  workspace: Workspace
  role: Role | undefined
  reload: () => void
}

export const WorkspaceContext = createContext<InWorkspace | undefined>(undefined)

export function useWorkspace(): InWorkspace {
  const value = useContext(WorkspaceContext)
  if (!value) throw new Error('no workspace is open here')
  return value
}
