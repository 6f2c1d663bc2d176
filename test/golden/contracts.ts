import { z } from 'zod'
import { defineContract } from '../../steps/runtime/contract.ts'

/** Steps that the goldens run; they exist as contracts only. */

const object = z.object({ object: z.string(), generation: z.string() })

export const fetchRows = defineContract({
  name: 'golden/fetch-rows',
  image: 'steps',
  input: z.object({ source: z.string(), date: z.string().optional() }),
  output: z.object({
    count: z.int(),
    objects: z.array(object),
    manifest: z.object({ path: z.string(), files: z.array(z.string()) }),
  }),
  timeout: '10m',
  env: ['SOURCE_ENDPOINT'],
  secrets: { SOURCE_TOKEN: 'source-token' },
})

export const loadRows = defineContract({
  name: 'golden/load-rows',
  image: 'steps',
  input: z.object({ objects: z.array(object) }),
  output: z.object({ rows: z.int() }),
  timeout: '20m',
  resources: { cpu: '2', memory: '2Gi' },
})

export const tell = defineContract({
  name: 'golden/tell',
  image: 'steps',
  input: z.object({ note: z.string().optional(), value: z.unknown().optional() }),
  output: z.object({ told: z.boolean() }),
  timeout: '5m',
})

export const send = defineContract({
  name: 'golden/send',
  image: 'steps',
  input: z.object({ to: z.string() }),
  output: z.object({ id: z.string() }),
  idempotency: 'non_idempotent',
  timeout: '5m',
})

/** Decides what is to be done; small and bounded, so that the workflow itself can read it. */
export const plan = defineContract({
  name: 'golden/plan',
  image: 'steps',
  input: z.object({ day: z.string().optional() }),
  output: z.object({
    mode: z.enum(['full', 'delta', 'none']),
    modes: z.array(z.enum(['full', 'delta', 'none'])).max(3),
    count: z.int(),
    complete: z.boolean(),
    day: z.iso.date(),
    pages: z.array(z.int()),
    names: z.array(z.string()),
    loads: z.array(z.object({ page: z.int(), name: z.string() })),
    note: z.string(),
  }),
  timeout: '5m',
})

export const fetchPage = defineContract({
  name: 'golden/fetch-page',
  image: 'steps',
  input: z.object({ page: z.int(), name: z.string().optional(), day: z.string().default('') }),
  output: z.object({ page: z.int(), rows: z.int() }),
  timeout: '5m',
})

/** Takes what every instance of `fetchPage` gave, null where one gave nothing. */
export const loadPages = defineContract({
  name: 'golden/load-pages',
  image: 'steps',
  input: z.object({ pages: z.array(fetchPage.output.nullable()) }),
  output: z.object({ rows: z.int() }),
  timeout: '5m',
})

/** A list whose items are bounded, so that the workflow itself can read them. */
export const planShops = defineContract({
  name: 'golden/plan-shops',
  image: 'steps',
  input: z.object({}),
  output: z.object({
    shops: z
      .array(
        z.object({
          id: z.string().max(20),
          day: z.iso.date(),
          kind: z.enum(['large', 'small']),
          sizes: z.array(z.int()).max(3),
        }),
      )
      .max(4),
  }),
  timeout: '5m',
})
