// A button that opens a menu. Source: WAI-ARIA Authoring Practices, menu button.
import type { ComponentChildren } from 'preact'
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks'

export interface MenuItem {
  text: string
  onChoose: () => void
  tone?: 'danger'
  disabled?: boolean
  /** For items of which one is the present choice. */
  checked?: boolean
}

export type MenuEntry = MenuItem | 'line' | { heading: string; items: readonly MenuItem[] }

interface MenuProps {
  label: string
  entries: readonly MenuEntry[]
  children: ComponentChildren
  /** Looks other than three dots have words of their own, which the label comes before. */
  className?: string
  /** What stands above the items, and is none. */
  head?: ComponentChildren
}

export function Menu({ label, entries, children, className = 'icon-button', head }: MenuProps) {
  const [open, setOpen] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const list = useRef<HTMLDivElement>(null)
  const id = useId()
  const isIcon = className === 'icon-button'

  const close = (focus: 'back' | 'leave') => {
    setOpen(false)
    if (focus === 'back') button.current?.focus()
  }

  // Before the next key can come: whoever types ahead reaches the items, not the button.
  useLayoutEffect(() => {
    const menu = list.current
    const home = button.current
    if (!open || !menu || !home) return
    const anchor = home.getBoundingClientRect()
    menu.showPopover?.()
    place(menu, anchor)
    itemsOf(menu)[0]?.focus()
    const leave = () => close('leave')
    const outside = (event: Event) => {
      const target = event.target as Node
      if (!menu.contains(target) && !home.contains(target)) leave()
    }
    // The event of a scroll that was over before the menu opened may come only now: the button has not moved since.
    const scrolled = () => {
      const now = home.getBoundingClientRect()
      if (now.left !== anchor.left || now.top !== anchor.top) leave()
    }
    document.addEventListener('pointerdown', outside)
    addEventListener('scroll', scrolled, true)
    addEventListener('resize', leave)
    return () => {
      document.removeEventListener('pointerdown', outside)
      removeEventListener('scroll', scrolled, true)
      removeEventListener('resize', leave)
    }
  }, [open])

  const onKeyDown = (event: KeyboardEvent) => {
    if (!list.current) return
    const items = itemsOf(list.current)
    const at = items.indexOf(document.activeElement as HTMLElement)
    const goTo = (index: number) => items[(index + items.length) % items.length]?.focus()
    if (event.key === 'ArrowDown') goTo(at + 1)
    else if (event.key === 'ArrowUp') goTo(at - 1)
    else if (event.key === 'Home') goTo(0)
    else if (event.key === 'End') goTo(-1)
    else if (event.key === 'Escape') close('back')
    else if (event.key === 'Tab') return close('leave')
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <span class="menu">
      <button
        ref={button}
        type="button"
        class={className}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        aria-label={isIcon ? label : undefined}
        title={label}
        onClick={() => setOpen(!open)}
        onKeyDown={(event) => {
          if (event.key !== 'ArrowDown' || open) return
          event.preventDefault()
          setOpen(true)
        }}
      >
        {!isIcon && <span class="offscreen">{label}: </span>}
        {children}
      </button>
      {open && (
        <div ref={list} class="menu-list" popover="manual" onKeyDown={onKeyDown}>
          {head && <div class="menu-head">{head}</div>}
          <div id={id} role="menu" aria-label={label}>
            {entries.map((entry, index) => <Entry key={index} entry={entry} close={() => close('back')} />)}
          </div>
        </div>
      )}
    </span>
  )
}

function Entry({ entry, close }: { entry: MenuEntry; close: () => void }) {
  if (entry === 'line') return <div class="menu-line" role="separator" />
  if ('heading' in entry) {
    return (
      <div role="group" aria-label={entry.heading}>
        <div class="menu-heading" aria-hidden="true">{entry.heading}</div>
        {entry.items.map((item) => <Item key={item.text} item={item} close={close} />)}
      </div>
    )
  }
  return <Item item={entry} close={close} />
}

function Item({ item, close }: { item: MenuItem; close: () => void }) {
  return (
    <button
      type="button"
      class={item.tone ? `menu-item ${item.tone}` : 'menu-item'}
      role={item.checked === undefined ? 'menuitem' : 'menuitemradio'}
      aria-checked={item.checked}
      tabIndex={-1}
      disabled={item.disabled}
      onClick={() => {
        close()
        item.onChoose()
      }}
    >
      {item.text}
    </button>
  )
}

const itemsOf = (menu: HTMLElement) => [...menu.querySelectorAll<HTMLElement>('[role^=menuitem]:not(:disabled)')]

/** Below the button, its right edge under the button's; above it, and further left or right, where there is no room. */
function place(menu: HTMLElement, anchor: DOMRect): void {
  const gap = 6
  const { width, height } = menu.getBoundingClientRect()
  const left = Math.max(gap, Math.min(anchor.right - width, innerWidth - width - gap))
  const below = anchor.bottom + gap
  const top = below + height > innerHeight - gap && anchor.top - gap - height > gap ? anchor.top - gap - height : below
  menu.style.left = `${left}px`
  menu.style.top = `${top}px`
}
