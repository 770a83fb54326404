// Real dialogs: the browser keeps the focus inside and gives it back, and Escape works.
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useRef } from 'preact/hooks'
import { t } from '../i18n'
import { IconButton } from './basics'

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
  useEffect(() => {
    const element = dialog.current
    element?.showModal()
    return () => element?.close()
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
