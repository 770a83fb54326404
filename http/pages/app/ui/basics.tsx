// The small parts that every page is made of.
import type { ButtonHTMLAttributes, ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Problem, Unreachable } from '../core/api'
import { useMinute } from '../core/hooks'
import { formatExact, formatMoment, formatRelative, t, tOr } from '../i18n'
import { Icon, type IconName } from './icons'

type ButtonLook = 'primary' | 'plain' | 'danger' | 'quiet'

interface ButtonProps {
  look?: ButtonLook
  icon?: IconName
  busy?: boolean
  children: ComponentChildren
  onClick?: () => void
  type?: 'button' | 'submit'
  disabled?: boolean
  title?: string
  autofocus?: boolean
}

export function Button({ look = 'plain', icon, busy, children, onClick, type = 'button', disabled, title, autofocus }: ButtonProps) {
  return (
    <button
      type={type}
      class={`button ${look}`}
      aria-busy={busy || undefined}
      disabled={disabled || busy}
      title={title}
      autofocus={autofocus}
      onClick={onClick}
    >
      {busy ? <span class="spinner" aria-hidden="true" /> : icon && <Icon name={icon} />}
      <span>{children}</span>
    </button>
  )
}

export function IconButton({ name, label, onClick, ...rest }: { name: IconName; label: string } & ButtonHTMLAttributes) {
  return (
    <button type="button" class="icon-button" aria-label={label} title={label} onClick={onClick} {...rest}>
      <Icon name={name} />
    </button>
  )
}

/** A moment: how long ago, and when exactly for whoever points at it. */
export function Ago({ time, none = '–' }: { time: string | undefined; none?: string }) {
  const now = useMinute()
  if (!time) return <span class="muted">{none}</span>
  return (
    <time dateTime={time} title={formatExact(time)}>
      {formatRelative(time, Math.max(now, Date.now()))}
    </time>
  )
}

/** A moment that matters: relative, and exact below it. */
export function Moment({ time }: { time: string }) {
  return (
    <>
      <Ago time={time} />
      <span class="exact">{formatMoment(time)}</span>
    </>
  )
}

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyBySelection(text) // no clipboard on plain http, but for localhost
  }
}

function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea')
  area.value = text
  area.setAttribute('readonly', '')
  area.className = 'offscreen'
  const home = document.querySelector('dialog[open]') ?? document.body
  home.append(area)
  area.select()
  const done = document.execCommand('copy')
  area.remove()
  return done
}

export function CopyButton({ text, label, wide = false }: { text: string; label: string; wide?: boolean }) {
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle')
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const copy = async () => {
    setState((await copyText(text)) ? 'copied' : 'failed')
    clearTimeout(timer.current)
    timer.current = setTimeout(() => setState('idle'), 2000)
  }
  const said = state === 'copied' ? t('copy.done') : state === 'failed' ? t('copy.failed') : ''
  return (
    <button type="button" class={`copy ${wide ? 'wide' : ''} ${state}`} aria-label={t('copy.what', { what: label })} title={label} onClick={copy}>
      <Icon name={state === 'copied' ? 'check' : 'copy'} size={16} />
      {wide && <span>{said || t('copy')}</span>}
      <span class="offscreen" role="status">{said}</span>
    </button>
  )
}

/** A value with its name and a button to copy it. */
export function Copyable({ label, value, secret = false }: { label: string; value: string; secret?: boolean }) {
  return (
    <div class={secret ? 'copyable secret' : 'copyable'}>
      <span class="copyable-label">{label}</span>
      <code tabIndex={secret ? 0 : undefined} aria-label={secret ? label : undefined} role={secret ? 'group' : undefined}>{value}</code>
      <CopyButton text={value} label={label} wide={secret} />
    </div>
  )
}

/** The first and the last of an id: enough to tell two apart. */
export const shortId = (id: string) => `${id.slice(0, 4)}…${id.slice(-4)}`

export function Badge({ tone, children }: { tone: 'good' | 'bad' | 'idle' | 'accent'; children: ComponentChildren }) {
  return <span class={`badge ${tone}`}>{children}</span>
}

export function Empty({ icon, title, children }: { icon: IconName; title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <span class="empty-icon"><Icon name={icon} size={26} /></span>
      <h2>{title}</h2>
      {children}
    </div>
  )
}

export function Skeleton({ rows = 5 }: { rows?: number }) {
  return (
    <div class="skeleton" role="status" aria-label={t('loading')}>
      {Array.from({ length: rows }, (_, row) => <span key={row} />)}
    </div>
  )
}

export function titleOf(error: unknown): string {
  if (error instanceof Problem) return tOr(`problem.${error.code}`, error.title || t('problem.unknown'))
  if (error instanceof Unreachable) return navigator.onLine ? t('problem.unreachable') : t('problem.offline')
  return t('problem.unknown')
}

/** What went wrong, in the words of the problem, with the id that finds it in the server's log. */
export function ErrorNote({ error, onRetry }: { error: unknown; onRetry?: (() => void) | undefined }) {
  if (error === undefined) return null
  const detail = error instanceof Problem ? tOr(`problem.${error.code}.more`, error.detail) : ''
  return (
    <div class="error-note" role="alert">
      <Icon name="alert" />
      <div>
        <strong>{titleOf(error)}</strong>
        {detail && <p>{detail}</p>}
        {error instanceof Problem && Object.keys(error.fields).length > 0 && (
          <ul>{Object.entries(error.fields).map(([field, message]) => <li key={field}><code>{field}</code> {message}</li>)}</ul>
        )}
        {error instanceof Problem && error.requestId && (
          <p class="request-id">{t('problem.request')} <code>{error.requestId}</code> <CopyButton text={error.requestId} label={t('problem.request')} /></p>
        )}
      </div>
      {onRetry && <Button onClick={onRetry} icon="refresh">{t('retry')}</Button>}
    </div>
  )
}

export function PageHead({ title, lead, children }: { title: string; lead?: ComponentChildren; children?: ComponentChildren }) {
  useEffect(() => {
    document.title = `${title} · Tally`
  }, [title])
  return (
    <header class="page-head">
      <div>
        <h1 tabIndex={-1}>{title}</h1>
        {lead && <p class="lead">{lead}</p>}
      </div>
      {children && <div class="page-actions">{children}</div>}
    </header>
  )
}
