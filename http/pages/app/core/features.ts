// What this server offers beyond what every release does. build.mjs reads it from the OpenAPI document that is served beside the
// pages, and it comes with the document that loads them.

export interface Features {
  exportFormats: string[]
  eventTypes: string[]
  ledger: boolean
  receipts: boolean
  legacy: boolean
}

const told = document.querySelector<HTMLMetaElement>('meta[name="tally-features"]')

const nothing: Features = { exportFormats: [], eventTypes: [], ledger: false, receipts: false, legacy: false }

export const features = told ? (JSON.parse(told.content) as Features) : nothing
