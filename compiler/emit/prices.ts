/**
 * List prices in USD, outside of discounts, for regions of the first tier. What an account pays is on its
 * bill. Looked up in November 2026 in public copies of Google's pricing pages, which bear no date themselves; `seen` says
 * what they showed.
 */
export interface Price {
  readonly name: string
  readonly unit: string
  /** For `per` of the unit. */
  readonly usd: number
  readonly per: number
  /** What a billing account is given each month. */
  readonly free: number
  readonly page: string
  /**
   * `page`: a copy of Google's page shows the price. `partly`: it shows what is free and how is counted, and the price is
   * that which others name. `others`: Google's copies are older, several others name it.
   */
  readonly seen: 'page' | 'partly' | 'others'
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
    seen: 'partly',
  },
  externalSteps: {
    name: 'Workflows, external steps',
    unit: 'steps',
    usd: 0.025,
    per: 1000,
    free: 2000,
    page: workflows,
    seen: 'partly',
  },
  cpu: {
    name: 'Cloud Run jobs, CPU',
    unit: 'vCPU-seconds',
    usd: 0.000018,
    per: 1,
    free: 240_000,
    page: run,
    seen: 'page',
  },
  memory: {
    name: 'Cloud Run jobs, memory',
    unit: 'GiB-seconds',
    usd: 0.000002,
    per: 1,
    free: 450_000,
    page: run,
    seen: 'page',
  },
  writes: {
    name: 'Cloud Storage, writes (class A)',
    unit: 'operations',
    usd: 0.005,
    per: 1000,
    free: 5000,
    page: storage,
    seen: 'page',
  },
  reads: {
    name: 'Cloud Storage, reads (class B)',
    unit: 'operations',
    usd: 0.0004,
    per: 1000,
    free: 50_000,
    page: storage,
    seen: 'page',
  },
} as const satisfies Readonly<Record<string, Price>>

/** BigQuery bills by bytes read, which only a run knows; copies of Google's page show the older price of 5 USD a TB. */
const queryPrice = {
  usd: 6.25,
  freeTebibytes: 1,
  page: 'https://cloud.google.com/bigquery/pricing',
  seen: 'others',
} as const

/** When the price list was looked up. */
const pricesOf = 'November 2026'

/** What a project pays where it differs from the list, from `prices` of `dag.config.ts`. */
export interface OwnPrices {
  /** Whose prices they are, as the README says it. */
  readonly of: string
  readonly internalSteps?: OwnPrice | undefined
  readonly externalSteps?: OwnPrice | undefined
  readonly cpu?: OwnPrice | undefined
  readonly memory?: OwnPrice | undefined
  readonly writes?: OwnPrice | undefined
  readonly reads?: OwnPrice | undefined
  readonly queries?: OwnPrice | undefined
}

interface OwnPrice {
  /** USD for as much of the unit as in the list: 1,000 steps or operations, one second, one TiB. */
  readonly usd: number
  /** What is given each month, in the unit. @default that of the list */
  readonly free?: number | undefined
}

type ListedPrices = Readonly<Record<keyof typeof prices, Price>>

/** The prices to count with, and what the README says of whose they are. */
export interface PriceList {
  readonly prices: ListedPrices
  readonly query: { readonly usd: number; readonly freeTebibytes: number; readonly page: string }
  readonly whose: string
}

export function priceList(own: OwnPrices | undefined): PriceList {
  const chosen = (name: keyof typeof prices): Price => {
    const { usd, free } = own?.[name] ?? {}
    const listed: Price = prices[name]
    return { ...listed, usd: usd ?? listed.usd, free: free ?? listed.free }
  }
  return {
    prices: {
      internalSteps: chosen('internalSteps'),
      externalSteps: chosen('externalSteps'),
      cpu: chosen('cpu'),
      memory: chosen('memory'),
      writes: chosen('writes'),
      reads: chosen('reads'),
    },
    query: {
      usd: own?.queries?.usd ?? queryPrice.usd,
      freeTebibytes: own?.queries?.free ?? queryPrice.freeTebibytes,
      page: queryPrice.page,
    },
    whose: whoseText(own),
  }
}

const listText =
  `List prices in regions of the first tier, such as those of the central United States, from public copies of the pricing pages, looked up in ${pricesOf} ` +
  '(the price of steps and that of queries: as others name them).'

function whoseText(own: OwnPrices | undefined): string {
  if (own === undefined) return listText
  const listed: Readonly<Record<string, { readonly name: string }>> = {
    ...prices,
    queries: { name: 'queries' },
  }
  const named = Object.entries(own).flatMap(([key, price]) =>
    key === 'of' || price === undefined ? [] : (listed[key]?.name ?? []),
  )
  if (named.length === 0) return listText
  const rest =
    named.length === Object.keys(listed).length
      ? ''
      : ` All others: ${listText[0]?.toLowerCase()}${listText.slice(1)}`
  return `The prices of ${named.join('; ')} are those of \`dag.config.ts\`: ${own.of}.${rest}`
}
