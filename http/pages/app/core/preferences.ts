// How somebody likes the pages: theme, language, the workspace seen last. Nothing else is ever kept in the browser.

export type Theme = 'system' | 'light' | 'dark'

function read(name: string): string | null {
  try {
    return localStorage.getItem(`tally.${name}`)
  } catch {
    return null // storage can be forbidden; the pages work without
  }
}

function write(name: string, value: string): void {
  try {
    localStorage.setItem(`tally.${name}`, value)
  } catch {
    // See read().
  }
}

export function savedTheme(): Theme {
  const theme = read('theme')
  return theme === 'light' || theme === 'dark' ? theme : 'system'
}

export function applyTheme(theme: Theme): void {
  const isDark = theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset['theme'] = isDark ? 'dark' : 'light'
}

export function saveTheme(theme: Theme): void {
  write('theme', theme)
  applyTheme(theme)
}

export const savedLanguage = () => read('language')
export const saveLanguage = (language: string) => write('language', language)
export const savedWorkspace = () => read('workspace')
export const saveWorkspace = (workspace: string) => write('workspace', workspace)

matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => applyTheme(savedTheme()))
