import { render } from 'preact'
import { App } from './app'
import { applyTheme, savedTheme } from './core/preferences'
import { applyLanguage } from './i18n'

applyTheme(savedTheme())
applyLanguage()
const root = document.getElementById('app')
if (root) render(<App />, root)
