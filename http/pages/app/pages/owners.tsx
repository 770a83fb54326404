// Whose: a choice among the people of the workspace.
import type { Member, Token } from '../../generated/types'
import { callAll, workspacePath } from '../core/api'
import { useLoad } from '../core/hooks'
import { isServerAuditor, useSignedIn, useWorkspace } from '../core/session'
import { t } from '../i18n'

/** Of whom perhaps no more than the id is known. */
export type Owner = Token['owner']

export const nameOf = (person: Owner) => person.display_name ?? person.username ?? person.id

/** The people of the workspace, for whoever may list them; nobody for others. */
export function useMembers(): Owner[] {
  const { workspace, role } = useWorkspace()
  const { session } = useSignedIn()
  const mayList = role === 'admin' || isServerAuditor(session)
  const members = useLoad(`members:${mayList}`, async (signal) => (mayList ? callAll<Member>(workspacePath(workspace.id, '/members'), signal) : []))
  return (members.data ?? []).map(({ user }) => user)
}

interface OwnerFilterProps {
  owner: string
  /** People known otherwise: those of the rows on the page. */
  seen: Owner[]
  onOwner: (owner: string) => void
}

export function OwnerFilter({ owner, seen, onOwner }: OwnerFilterProps) {
  const people = new Map([...useMembers(), ...seen].map((person) => [person.id, person]))
  if (owner && !people.has(owner)) people.set(owner, { id: owner })
  const choices = [...people.values()].sort((left, right) => nameOf(left).localeCompare(nameOf(right)))
  return (
    <select aria-label={t('token.owner')} value={owner} onChange={(event) => onOwner(event.currentTarget.value)}>
      <option value="">{t('owner.any')}</option>
      {choices.map((person) => <option key={person.id} value={person.id} selected={person.id === owner}>{nameOf(person)}</option>)}
    </select>
  )
}
