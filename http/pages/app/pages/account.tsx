// What belongs to the person: language, theme, password.
import { useState } from 'preact/hooks'
import { call } from '../core/api'
import { useAction } from '../core/hooks'
import { savedTheme, saveTheme, type Theme } from '../core/preferences'
import { useSignedIn } from '../core/session'
import { currentLanguage, type Language, LANGUAGES, setLanguage, t } from '../i18n'
import { Button, ErrorNote } from '../ui/basics'
import { Dialog } from '../ui/dialog'
import { complaint, Form, TextField } from '../ui/fields'
import { Icon } from '../ui/icons'
import { Menu, type MenuItem } from '../ui/menu'
import { toast } from '../ui/toast'

const THEMES: readonly Theme[] = ['system', 'light', 'dark']
const LANGUAGE_CODES = Object.keys(LANGUAGES) as Language[]

export const languageItems = (): MenuItem[] =>
  LANGUAGE_CODES.map((code) => ({ text: LANGUAGES[code].name, checked: code === currentLanguage(), onChoose: () => setLanguage(code) }))

export const themeItems = (onChange: () => void): MenuItem[] =>
  THEMES.map((theme) => ({
    text: t(`theme.${theme}`),
    checked: theme === savedTheme(),
    onChoose: () => {
      saveTheme(theme)
      onChange()
    },
  }))

export function LanguageChoice() {
  return (
    <Menu label={t('language')} entries={languageItems()} className="button quiet">
      {LANGUAGES[currentLanguage()].name} <Icon name="down" size={14} />
    </Menu>
  )
}

export function ThemeChoice() {
  const [, setRound] = useState(0)
  return (
    <Menu label={t('theme')} entries={themeItems(() => setRound((round) => round + 1))} className="button quiet">
      {t(`theme.${savedTheme()}`)} <Icon name="down" size={14} />
    </Menu>
  )
}

export function PasswordDialog({ onClose }: { onClose: () => void }) {
  const { session } = useSignedIn()
  const [current, setCurrent] = useState('')
  const [next, setNext] = useState('')
  const change = useAction(async (key) => {
    await call(`/v1/users/${session.user.id}:setPassword`, { method: 'POST', json: { password: next, current_password: current }, idempotencyKey: key })
    toast(t('password.changed'))
    onClose()
  }, [current, next])
  return (
    <Dialog title={t('password.change')} onClose={onClose}>
      <Form onSubmit={() => change.run()}>
        <input type="text" name="username" autocomplete="username" value={session.user.username} class="offscreen" tabIndex={-1} aria-hidden="true" readOnly />
        <p>{t('password.lead')}</p>
        <TextField label={t('password.current')} type="password" autocomplete="current-password" value={current} onValue={setCurrent} error={complaint(change.error, 'current_password')} autofocus />
        <TextField label={t('password.new')} type="password" autocomplete="new-password" value={next} onValue={setNext} hint={t('password.hint')} error={complaint(change.error, 'password')} />
        <ErrorNote error={change.error} />
        <div class="form-actions">
          <Button onClick={onClose}>{t('cancel')}</Button>
          <Button look="primary" type="submit" busy={change.busy} disabled={!current || !next}>{t('password.change')}</Button>
        </div>
      </Form>
    </Dialog>
  )
}
