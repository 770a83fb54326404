// The fields of a new person, for whoever makes accounts.
import { randomKey } from '../core/api'
import { t } from '../i18n'
import { Button, CopyButton } from '../ui/basics'
import { complaint, TextField } from '../ui/fields'

export interface NewPerson {
  username: string
  displayName: string
  email: string
  password: string
}

export const NOBODY: NewPerson = { username: '', displayName: '', email: '', password: '' }

export const isWhole = ({ username, displayName, password }: NewPerson) => !!(username.trim() && displayName.trim() && password.length >= 12)

export const bodyOf = ({ username, displayName, email, password }: NewPerson) => ({
  username: username.trim(),
  display_name: displayName.trim(),
  password,
  ...(email.trim() ? { email: email.trim() } : {}),
})

interface PersonFieldsProps {
  person: NewPerson
  onPerson: (person: NewPerson) => void
  error: unknown
}

export function PersonFields({ person, onPerson, error }: PersonFieldsProps) {
  const set = (change: Partial<NewPerson>) => onPerson({ ...person, ...change })
  return (
    <>
      <TextField label={t('person.name')} value={person.displayName} onValue={(displayName) => set({ displayName })} maxLength={120} error={complaint(error, 'display_name')} required />
      <TextField label={t('username')} value={person.username} onValue={(username) => set({ username })} hint={t('username.hint')} maxLength={64} autocapitalize="none" spellcheck={false} error={complaint(error, 'username')} required />
      <TextField label={t('email')} optional={t('optional')} value={person.email} onValue={(email) => set({ email })} type="email" maxLength={254} error={complaint(error, 'email')} />
      <PasswordMaker password={person.password} onPassword={(password) => set({ password })} error={complaint(error, 'password')} />
    </>
  )
}

/** A first password, which is told to somebody: made up on request, and visible. */
export function PasswordMaker({ password, onPassword, error }: { password: string; onPassword: (password: string) => void; error: string | undefined }) {
  return (
    <div class="password-maker">
      <TextField label={t('password.first')} value={password} onValue={onPassword} hint={t('password.first.hint')} autocomplete="new-password" spellcheck={false} error={error} required />
      <Button onClick={() => onPassword(randomKey().slice(0, 24))}>{t('password.make')}</Button>
      {password && <CopyButton text={password} label={t('password.first')} />}
    </div>
  )
}
