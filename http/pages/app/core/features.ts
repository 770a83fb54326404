// What this server offers beyond what every release does: read once from its own contract, when a page first asks.
import { call } from './api'

interface Contract {
  components?: { schemas?: { EventType?: { enum?: string[] } } }
  paths: Record<string, Record<string, { parameters?: { name?: string; schema?: { enum?: string[] } }[] }>>
}

export interface Features {
  exportFormats: string[]
  eventTypes: string[]
  ledger: boolean
  receipts: boolean
  legacy: boolean
}

const workspace = '/v1/workspaces/{workspace}'

function readFeatures({ components, paths }: Contract): Features {
  const offers = (method: string, path: string) => paths[path]?.[method] !== undefined
  const format = paths[`${workspace}/events:export`]?.['get']?.parameters?.find(({ name }) => name === 'format')
  return {
    exportFormats: format?.schema?.enum ?? [],
    eventTypes: components?.schemas?.EventType?.enum ?? [],
    ledger: offers('get', '/v1/ledger/checkpoint'),
    receipts: offers('get', `${workspace}/events/{sequence}/receipt`),
    legacy: offers('post', `${workspace}/legacy-tokens:import`),
  }
}

let asked: Promise<Features> | undefined

export function features(): Promise<Features> {
  asked ??= call<Contract>('/openapi.json').then(readFeatures)
  asked.catch(() => (asked = undefined))
  return asked
}
