// The ledger's state, where the server signs checkpoints. Source: C2SP tlog-checkpoint.
import { useEffect } from 'preact/hooks'
import { request } from '../core/api'
import { useLoad } from '../core/hooks'
import { formatNumber, t } from '../i18n'
import { Copyable, CopyButton, ErrorNote, Moment, Skeleton } from '../ui/basics'
import { Icon } from '../ui/icons'

/** The server signs once a second at the most: asking sooner gives the same note. */
const PAUSE_MILLISECONDS = 1000

interface Checkpoint {
  note: string
  origin: string
  size: number
  root: string
  /** Absent: the answer did not say, as one from a cache in between may not. */
  signedAt: string | undefined
}

/** The first three lines of the note; what follows are signatures, which a page can not judge. */
function parseCheckpoint(note: string, lastModified: string | null): Checkpoint {
  const [origin = '', size = '', root = ''] = note.split('\n')
  if (!/^\d+$/.test(size) || !/^[A-Za-z0-9+/]{43}=$/.test(root)) throw new Error('not a checkpoint')
  const signedAt = Date.parse(lastModified ?? '')
  return { note, origin, size: Number(size), root, signedAt: Number.isNaN(signedAt) ? undefined : new Date(signedAt).toISOString() }
}

async function loadCheckpoint(signal: AbortSignal): Promise<Checkpoint> {
  const response = await request('/v1/ledger/checkpoint', { signal })
  return parseCheckpoint(await response.text(), response.headers.get('last-modified'))
}

/** `seen`: the sequence of the newest event that the page shows; the checkpoint follows until it covers that one. */
export function LedgerPanel({ seen }: { seen: number }) {
  const { state, data, error, reload } = useLoad('checkpoint', loadCheckpoint)
  const isBehind = data !== undefined && data.size <= seen
  useEffect(() => {
    if (!isBehind || state !== 'ready') return undefined
    const timer = setTimeout(reload, PAUSE_MILLISECONDS)
    return () => clearTimeout(timer)
  }, [isBehind, state, data, reload])
  return (
    <section class="panel padded ledger" aria-label={t('ledger')}>
      <h2><Icon name="ledger" /> {t('ledger')}</h2>
      <p class="muted">{t('ledger.lead')}</p>
      {state === 'failed' && <ErrorNote error={error} onRetry={reload} />}
      {!data && state === 'loading' && <Skeleton rows={2} />}
      {data && (
        <>
          <dl class="facts">
            <div><dt>{t('ledger.size')}</dt><dd>{formatNumber(data.size)}</dd></div>
            <div><dt>{t('ledger.signed')}</dt><dd>{data.signedAt ? <Moment time={data.signedAt} /> : <span class="muted">–</span>}</dd></div>
            <div><dt>{t('ledger.origin')}</dt><dd>{data.origin}</dd></div>
            <div><dt>{t('ledger.note')}</dt><dd><CopyButton text={data.note} label={t('ledger.note')} wide /></dd></div>
          </dl>
          <Copyable label={t('ledger.root')} value={data.root} />
        </>
      )}
    </section>
  )
}
