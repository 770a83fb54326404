// Events a day, stacked by kind; the same as a table for whoever does not see colours.
import { useState } from 'preact/hooks'
import type { EventCounts } from '../../generated/types'
import { call, Problem, query, workspacePath } from '../core/api'
import { useLoad } from '../core/hooks'
import { useWorkspace } from '../core/session'
import { formatNumber, formatShortDay, t, tn } from '../i18n'
import { ErrorNote, Skeleton } from '../ui/basics'
import { type Group, GROUP_NAMES, groupOf } from './events'

const SPANS = [7, 30, 90] as const
const WIDTH = 720
const HEIGHT = 150
const BASE = 128

interface Bar {
  begin: string
  counts: Record<Group | 'other', number>
  total: number
}

function barOf(day: EventCounts['items'][number]): Bar {
  const counts = { issued: 0, refreshed: 0, stopped: 0, people: 0, audit: 0, other: 0 }
  for (const [type, count] of Object.entries(day.counts)) counts[groupOf(type) ?? 'other'] += count
  return { begin: day.begin, counts, total: Object.values(counts).reduce((sum, count) => sum + count, 0) }
}

/** Midnight here, so many days before tomorrow. */
function beginOf(days: number): Date {
  const midnight = new Date()
  midnight.setHours(0, 0, 0, 0)
  midnight.setDate(midnight.getDate() - days + 1)
  return midnight
}

export function Chart({ round }: { round: number }) {
  const { workspace } = useWorkspace()
  const [days, setDays] = useState<number>(30)
  const counted = useLoad(`${days}:${round}`, (signal) =>
    call<EventCounts>(workspacePath(workspace.id, `/events:count${query({ since: beginOf(days).toISOString(), days })}`), { signal }))
  const bars = counted.data?.items.map(barOf) ?? []
  const isTooMuch = counted.error instanceof Problem && counted.error.code === 'limit_exceeded'
  return (
    <section class="panel padded chart" aria-label={t('chart')}>
      <header>
        <h2>{t('chart')}</h2>
        <div class="segments" role="group" aria-label={t('chart.span')}>
          {SPANS.map((span) => <button key={span} type="button" aria-pressed={span === days} onClick={() => setDays(span)}>{tn('days', span)}</button>)}
        </div>
      </header>
      {counted.state === 'failed' && (isTooMuch ? <p class="note">{t('chart.too_much')}</p> : <ErrorNote error={counted.error} onRetry={counted.reload} />)}
      {!counted.data && counted.state === 'loading' && <Skeleton rows={3} />}
      {bars.length > 0 && <Bars bars={bars} />}
      {bars.length > 0 && <Table bars={bars} />}
    </section>
  )
}

const NAMES = [...GROUP_NAMES, 'other'] as const

function Bars({ bars }: { bars: Bar[] }) {
  const most = Math.max(1, ...bars.map(({ total }) => total))
  const step = WIDTH / bars.length
  const width = Math.max(2, Math.min(28, step * 0.68))
  const labels = Math.ceil(bars.length / 6)
  return (
    <>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} class="bars" aria-hidden="true" focusable="false">
        <path class="base" d={`M0 ${BASE}.5H${WIDTH}`} />
        <text class="scale" x="0" y="10">{formatNumber(most)}</text>
        {bars.map((bar, index) => {
          let top = BASE
          const left = index * step + (step - width) / 2
          return (
            <g key={bar.begin}>
              <title>{`${formatShortDay(bar.begin)}: ${formatNumber(bar.total)}`}</title>
              {NAMES.map((name) => {
                const count = bar.counts[name]
                if (count === 0) return null
                const height = Math.max(1.5, (count / most) * (BASE - 16))
                top -= height
                return <rect key={name} class={`bar ${name}`} x={left} y={top} width={width} height={height} rx="1.5" />
              })}
              {index % labels === 0 && <text class="day" x={left + width / 2} y={HEIGHT - 5}>{formatShortDay(bar.begin)}</text>}
            </g>
          )
        })}
      </svg>
      <ul class="legend" aria-hidden="true">
        {NAMES.filter((name) => bars.some(({ counts }) => counts[name] > 0)).map((name) => <li key={name} class={name}>{t(`group.${name}`)}</li>)}
      </ul>
    </>
  )
}

function Table({ bars }: { bars: Bar[] }) {
  const busy = bars.filter(({ total }) => total > 0)
  return (
    <details class="chart-table">
      <summary>{t('chart.table')}</summary>
      <div class="table-box" tabIndex={0} role="region" aria-label={t('chart.table')}>
        <table>
          <thead><tr><th scope="col">{t('chart.day')}</th>{NAMES.map((name) => <th key={name} scope="col">{t(`group.${name}`)}</th>)}</tr></thead>
          <tbody>{busy.map((bar) => <tr key={bar.begin}><th scope="row">{formatShortDay(bar.begin)}</th>{NAMES.map((name) => <td key={name}>{formatNumber(bar.counts[name])}</td>)}</tr>)}</tbody>
        </table>
      </div>
    </details>
  )
}
