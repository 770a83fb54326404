// Export: every format that the server says it offers, with the filters of the page. The browser saves it as it comes.
import { useState } from 'preact/hooks'
import { query, workspacePath } from '../core/api'
import { useWorkspace } from '../core/session'
import { t, tOr } from '../i18n'
import { Button, Skeleton } from '../ui/basics'
import { Dialog } from '../ui/dialog'
import { Icon } from '../ui/icons'
import { type AuditFilters, parametersOf } from './audit_filters'

// What somebody who does not choose gets: most will open it in a spreadsheet.
const preferred = ['csv-safe', 'csv']

interface ExportDialogProps {
  filters: AuditFilters
  formats: string[]
  onClose: () => void
}

export function ExportDialog({ filters, formats, onClose }: ExportDialogProps) {
  const { workspace } = useWorkspace()
  const [chosen, setChosen] = useState('')
  const format = formats.includes(chosen) ? chosen : (preferred.find((one) => formats.includes(one)) ?? formats[0] ?? '')
  const { type, since, until } = parametersOf(filters)
  const href = workspacePath(workspace.id, `/events:export${query({ format, type, since, until })}`)
  const isNarrower = !!(filters.actor || filters.token)
  return (
    <Dialog title={t('export.title')} onClose={onClose}>
      <p>{t('export.lead')}</p>
      {formats.length === 0 ? <Skeleton rows={2} /> : (
        <fieldset class="choices">
          <legend>{t('export.format')}</legend>
          {formats.map((one) => (
            <label key={one} class="choice">
              <input type="radio" name="format" value={one} checked={one === format} onChange={() => setChosen(one)} />
              <span><strong>{one}</strong><span class="hint">{tOr(`export.format.${one}`, '')}</span></span>
            </label>
          ))}
        </fieldset>
      )}
      <p class="hint">{type || since || until ? t('export.filtered') : t('export.everything')} {isNarrower && t('export.not_by')}</p>
      <div class="form-actions">
        <Button onClick={onClose}>{t('cancel')}</Button>
        {format && <a class="button primary" href={href} download onClick={onClose}><Icon name="download" /> <span>{t('export')}</span></a>}
      </div>
    </Dialog>
  )
}
