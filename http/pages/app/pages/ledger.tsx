// The ledger's state, where the server signs checkpoints. Source: C2SP tlog-checkpoint.
import { request } from '../core/api'
import { useLoad } from '../core/hooks'
import { formatNumber, t } from '../i18n'
import { Copyable, ErrorNote, Skeleton } from '../ui/basics'
import { Icon } from '../ui/icons'

interface Checkpoint {
  origin: string
  size: string
  root: string
}

/** The first three lines of the note; what follows are signatures, which a page can not judge. */
function parseCheckpoint(note: string): Checkpoint {
  const [origin = '', size = '', root = ''] = note.split('\n')
  if (!/^\d+$/.test(size) || !/^[A-Za-z0-9+/]{43}=$/.test(root)) throw new Error('not a checkpoint')
  return { origin, size, root }
}

export function LedgerPanel() {
  const ledger = useLoad('checkpoint', async (signal) => parseCheckpoint(await (await request('/v1/ledger/checkpoint', { signal })).text()))
  return (
    <section class="panel padded ledger" aria-label={t('ledger')}>
      <h2><Icon name="ledger" /> {t('ledger')}</h2>
      {ledger.state === 'failed' && <ErrorNote error={ledger.error} onRetry={ledger.reload} />}
      {!ledger.data && ledger.state === 'loading' && <Skeleton rows={2} />}
      {ledger.data && (
        <>
          <dl class="facts">
            <div><dt>{t('ledger.size')}</dt><dd>{formatNumber(Number(ledger.data.size))}</dd></div>
            <div><dt>{t('ledger.origin')}</dt><dd>{ledger.data.origin}</dd></div>
          </dl>
          <Copyable label={t('ledger.root')} value={ledger.data.root} />
        </>
      )}
    </section>
  )
}
