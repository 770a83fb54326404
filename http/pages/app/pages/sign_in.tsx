import { useLayoutEffect, useRef, useState } from 'preact/hooks'
import { call, Problem } from '../core/api'
import { useAction } from '../core/hooks'
import { t } from '../i18n'
import { Button, ErrorNote } from '../ui/basics'
import { Form, TextField } from '../ui/fields'
import { Icon, Logo } from '../ui/icons'
import { LanguageChoice, ThemeChoice } from './account'

export function SignInPage({ ended, onSignedIn }: { ended: boolean; onSignedIn: () => Promise<void> }) {
  const [username, setUsername] = useState('')
  const [password, setPassword] = useState('')
  const form = useRef<HTMLDivElement>(null)
  // Before the first key can come: whoever types ahead reaches the field.
  useLayoutEffect(() => {
    document.title = `${t('sign_in')} · Tally`
    form.current?.querySelector('input')?.focus()
  }, [])
  const signIn = useAction(async () => {
    await call('/v1/session', { method: 'POST', json: { username, password }, expectsNobody: true })
    setPassword('')
    await onSignedIn()
  })
  const isWrong = signIn.error instanceof Problem && signIn.error.status === 401
  return (
    <main class="sign-in">
      <div class="sign-in-card" ref={form}>
        <div class="brand"><Logo /> <span>Tally</span></div>
        <h1>{t('sign_in.title')}</h1>
        <p class="lead">{t('sign_in.lead')}</p>
        {ended && <p class="note" role="status"><Icon name="alert" /> {t('sign_in.ended')}</p>}
        {isWrong ? <p class="note bad" role="alert"><Icon name="alert" /> {t('sign_in.wrong')}</p> : <ErrorNote error={signIn.error} />}
        <Form onSubmit={() => username && password && signIn.run()} label={t('sign_in')}>
          <TextField label={t('username')} value={username} onValue={setUsername} autocomplete="username" autocapitalize="none" spellcheck={false} required />
          <TextField label={t('password')} value={password} onValue={setPassword} type="password" autocomplete="current-password" required />
          <Button look="primary" type="submit" busy={signIn.busy}>{t('sign_in')}</Button>
        </Form>
      </div>
      <div class="sign-in-choices">
        <LanguageChoice />
        <ThemeChoice />
      </div>
    </main>
  )
}
