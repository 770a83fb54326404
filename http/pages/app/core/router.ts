// Paths below /app, and the links between them.
import { useEffect, useState } from 'preact/hooks'

const ROOT = '/app'

export interface Place {
  /** The segments below /app. */
  path: string[]
  search: URLSearchParams
}

function currentPlace(): Place {
  const below = location.pathname.startsWith(ROOT) ? location.pathname.slice(ROOT.length) : ''
  return { path: below.split('/').filter(Boolean), search: new URLSearchParams(location.search) }
}

const listeners = new Set<() => void>()
const announce = () => listeners.forEach((listener) => listener())
addEventListener('popstate', announce)

export const urlOf = (...path: string[]) => [ROOT, ...path].join('/')

export function navigate(url: string, how: 'push' | 'replace' = 'push'): void {
  if (how === 'push') history.pushState(null, '', url)
  else history.replaceState(null, '', url)
  announce()
  if (how === 'push') scrollTo(0, 0)
}

export function usePlace(): Place {
  const [place, setPlace] = useState(currentPlace)
  useEffect(() => {
    const listener = () => setPlace(currentPlace())
    listeners.add(listener)
    listener() // a page below may have navigated before this listened
    return () => void listeners.delete(listener)
  }, [])
  return place
}

/** Takes over plain clicks on links that stay within the pages. */
export function followLinks(event: MouseEvent): void {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
  const link = event.target instanceof Element ? event.target.closest('a') : null
  if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return
  if (link.pathname !== ROOT && !link.pathname.startsWith(`${ROOT}/`)) return
  event.preventDefault()
  if (link.href !== location.href) navigate(link.pathname + link.search)
}
