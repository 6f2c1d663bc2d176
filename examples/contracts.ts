import { z } from 'dagwright'
import { defineContract } from 'dagwright/steps'

/** What the steps of the examples take and give; their handlers would stand beside, in a project of its own. */

const file = z.object({ object: z.string(), generation: z.string() })

/** Says what is to be loaded: a whole table on the first of a month, else what is new. */
export const planLoad = defineContract({
  name: 'shop/plan-load',
  image: 'steps',
  input: z.object({ day: z.string() }),
  output: z.object({ mode: z.enum(['full', 'delta']), since: z.iso.date() }),
})

export const loadOrders = defineContract({
  name: 'shop/load-orders',
  image: 'steps',
  input: z.object({ since: z.string().optional() }),
  output: z.object({ rows: z.int() }),
  timeout: '30m',
})

/** Lists the files that partners have left since the last run. */
export const listFiles = defineContract({
  name: 'shop/list-files',
  image: 'steps',
  input: z.object({ day: z.string(), partner: z.string().default('') }),
  output: z.object({ count: z.int(), files: z.array(file) }),
})

export const loadFiles = defineContract({
  name: 'shop/load-files',
  image: 'steps',
  input: z.object({ files: z.array(file) }),
  output: z.object({ rows: z.int() }),
})

export const countPages = defineContract({
  name: 'shop/count-pages',
  image: 'steps',
  input: z.object({ day: z.string() }),
  output: z.object({ pages: z.array(z.int()).max(200) }),
})

export const fetchPage = defineContract({
  name: 'shop/fetch-page',
  image: 'steps',
  input: z.object({ page: z.int(), day: z.string() }),
  output: z.object({ object: z.string(), rows: z.int() }),
})

/** Loads what was fetched; null stands for a page that could not be. */
export const loadPages = defineContract({
  name: 'shop/load-pages',
  image: 'steps',
  input: z.object({ pages: z.array(z.object({ object: z.string(), rows: z.int() }).nullable()) }),
  output: z.object({ rows: z.int() }),
})

export const listShops = defineContract({
  name: 'shop/list-shops',
  image: 'steps',
  input: z.object({}),
  output: z.object({ shops: z.array(z.string().max(40)).max(100) }),
})

export const countTill = defineContract({
  name: 'shop/count-till',
  image: 'steps',
  input: z.object({ shop: z.string(), day: z.string() }),
  output: z.object({ shop: z.string(), cents: z.int() }),
})

export const bookTill = defineContract({
  name: 'shop/book-till',
  image: 'steps',
  input: z.object({ shop: z.string(), cents: z.int() }),
  output: z.object({ booked: z.boolean() }),
})

export const reportTills = defineContract({
  name: 'shop/report-tills',
  image: 'steps',
  input: z.object({ bookings: z.array(z.object({ booked: z.boolean() }).nullable()) }),
  output: z.object({ missing: z.int() }),
})

export const startCluster = defineContract({
  name: 'reports/start-cluster',
  image: 'steps',
  input: z.object({ size: z.int() }),
  output: z.object({ cluster: z.string() }),
})

export const runReport = defineContract({
  name: 'reports/run-report',
  image: 'steps',
  input: z.object({ cluster: z.string(), report: z.string() }),
  output: z.object({ object: z.string() }),
})

export const deleteCluster = defineContract({
  name: 'reports/delete-cluster',
  image: 'steps',
  input: z.object({ cluster: z.string() }),
  output: z.object({}),
})

export const computePrices = defineContract({
  name: 'prices/compute',
  image: 'steps',
  input: z.object({ region: z.string() }),
  output: z.object({ object: z.string(), changed: z.int() }),
})

/** Sends the prices to the shops: nothing that could be done twice. */
export const sendPrices = defineContract({
  name: 'prices/send',
  image: 'steps',
  input: z.object({ object: z.string() }),
  output: z.object({ sent: z.int() }),
  idempotency: 'non_idempotent',
})
