// Real dialogs: the browser keeps the focus inside and gives it back, and Escape works.
import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef } from 'preact/hooks'
import { t } from '../i18n'
import { IconButton } from './basics'

/** Where the focus was before the first of the dialogs that follow each other. */
let opener: HTMLElement | undefined

function rememberOpener(): void {
  const active = document.activeElement
  if (active instanceof HTMLElement && active !== document.body && !active.closest('dialog')) opener = active
}

/** Back to it, or to the page's heading if it is gone. The browser itself knows only the dialog before. */
function giveFocusBack(): void {
  if (document.querySelector('dialog[open]')) return
  const home = opener?.isConnected ? opener : document.querySelector<HTMLElement>('main h1')
  home?.focus({ preventScroll: true })
}

interface DialogProps {
  title: string
  onClose: () => void
  children: ComponentChildren
  /** The buttons at the end. */
  actions?: ComponentChildren
  wide?: boolean
  /** Escape and the corner do not close it: what it shows is gone for ever afterwards, so only Close does. */
  deliberate?: boolean
}

export function Dialog({ title, onClose, children, actions, wide = false, deliberate = false }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useLayoutEffect(() => {
    const element = dialog.current
    rememberOpener()
    element?.showModal()
    return () => {
      element?.close()
      setTimeout(giveFocusBack)
    }
  }, [])
  return (
    <dialog
      ref={dialog}
      class={wide ? 'wide' : undefined}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault()
        if (!deliberate) onClose()
      }}
      onKeyDown={(event) => {
        // A second Escape in a row would close it past the handler above.
        if (deliberate && event.key === 'Escape') event.preventDefault()
      }}
    >
      <header>
        <h2 id={id}>{title}</h2>
        {!deliberate && <IconButton name="close" label={t('close')} onClick={onClose} />}
      </header>
      <div class="dialog-body">{children}</div>
      {actions && <footer>{actions}</footer>}
    </dialog>
  )
}
