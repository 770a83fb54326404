// What the audit of a workspace is searched by.
import { features } from '../core/features'
import { momentOf } from '../ui/fields'
import { GROUP_NAMES, GROUPS } from './events'

export interface AuditFilters {
  type: string
  actor: string
  token: string
  since: string
  until: string
}

export const NO_FILTERS: AuditFilters = { type: '', actor: '', token: '', since: '', until: '' }

/** A filter as the API wants it. */
export function parametersOf(filters: AuditFilters): Record<string, string | undefined> {
  const group = GROUP_NAMES.find((name) => name === filters.type)
  return {
    type: group ? GROUPS[group].filter(isKnown).join(',') : filters.type,
    actor: filters.actor,
    token: filters.token.trim(),
    since: momentOf(filters.since)?.toISOString(),
    until: momentOf(filters.until)?.toISOString(),
  }
}

// Types that a server of this release does not have yet would be refused as unknown.
const typesKnown: ReadonlySet<string> = new Set(features.eventTypes)
export const isKnown = (type: string) => typesKnown.has(type)
