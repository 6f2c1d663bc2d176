/**
 * List prices in USD, outside of discounts, as Google published them in November 2026 for regions of the first tier such as
 * us-central1. What an account pays for is on its bill. `free` is what a billing account is given each month.
 */
export interface Price {
  readonly name: string
  readonly unit: string
  /** For `per` of the unit. */
  readonly usd: number
  readonly per: number
  readonly free: number
  readonly page: string
}

const workflows = 'https://cloud.google.com/workflows/pricing'
const run = 'https://cloud.google.com/run/pricing'
const storage = 'https://cloud.google.com/storage/pricing'

export const prices = {
  internalSteps: {
    name: 'Workflows, internal steps',
    unit: 'steps',
    usd: 0.01,
    per: 1000,
    free: 5000,
    page: workflows,
  },
  externalSteps: {
    name: 'Workflows, external steps',
    unit: 'steps',
    usd: 0.025,
    per: 1000,
    free: 2000,
    page: workflows,
  },
  cpu: {
    name: 'Cloud Run jobs, CPU',
    unit: 'vCPU-seconds',
    usd: 0.000018,
    per: 1,
    free: 240_000,
    page: run,
  },
  memory: {
    name: 'Cloud Run jobs, memory',
    unit: 'GiB-seconds',
    usd: 0.000002,
    per: 1,
    free: 450_000,
    page: run,
  },
  writes: {
    name: 'Cloud Storage, writes (class A)',
    unit: 'operations',
    usd: 0.005,
    per: 1000,
    free: 5000,
    page: storage,
  },
  reads: {
    name: 'Cloud Storage, reads (class B)',
    unit: 'operations',
    usd: 0.0004,
    per: 1000,
    free: 50_000,
    page: storage,
  },
} as const satisfies Readonly<Record<string, Price>>

/** BigQuery bills by bytes read, which only a run knows. https://cloud.google.com/bigquery/pricing */
export const queryPrice = { usd: 6.25, freeTebibytes: 1, page: 'https://cloud.google.com/bigquery/pricing' }

/** Month of the price list. */
export const pricesOf = 'November 2026'
