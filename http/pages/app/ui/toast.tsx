// Short messages about what has happened, above everything else, dialogs included.
import { useEffect, useRef, useState } from 'preact/hooks'
import { t } from '../i18n'
import { IconButton } from './basics'
import { Icon } from './icons'

interface Toast {
  id: number
  tone: 'good' | 'bad'
  text: string
}

const SECONDS = 6
let count = 0
let show: (toast: Toast) => void = () => undefined

export function toast(text: string, tone: Toast['tone'] = 'good'): void {
  show({ id: ++count, tone, text })
}

export function Toasts() {
  const [toasts, setToasts] = useState<Toast[]>([])
  const region = useRef<HTMLDivElement>(null)
  const remove = (id: number) => setToasts((all) => all.filter((one) => one.id !== id))
  useEffect(() => {
    show = (one) => {
      setToasts((all) => [...all.slice(-3), one])
      setTimeout(() => remove(one.id), SECONDS * 1000)
    }
    return () => void (show = () => undefined)
  }, [])
  useEffect(() => {
    const element = region.current
    if (!element?.showPopover) return
    // Shown anew each time, so that it lies over a dialog that was opened since.
    if (element.matches(':popover-open')) element.hidePopover()
    if (toasts.length > 0) element.showPopover()
  }, [toasts.length])
  return (
    <div ref={region} class="toasts" popover="manual" role="status" aria-live="polite">
      {toasts.map((one) => (
        <div key={one.id} class={`toast ${one.tone}`}>
          <Icon name={one.tone === 'good' ? 'check' : 'alert'} />
          <span>{one.text}</span>
          <IconButton name="close" label={t('dismiss')} onClick={() => remove(one.id)} />
        </div>
      ))}
    </div>
  )
}
