import { z } from 'zod'

const name = z.string().regex(/^[a-z][a-z0-9_-]*$/, 'use lower-case letters, digits, - and _')
const text = z.string().min(1)

const environment = z.strictObject({
  /** Project id. */
  project: z.string().regex(/^[a-z][a-z0-9:.-]{4,}$/, 'not a project id'),
  region: z.string().regex(/^[a-z]+-[a-z]+[0-9]+$/, 'not a region, e.g. us-central1'),
  /** Bucket of runs and staged objects, without `gs://`. */
  bucket: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]$/, 'not a bucket name (write it without gs://)'),
  /** Location of datasets and BigQuery jobs, e.g. `US` or `southamerica-east1`. */
  datasetLocation: text,
  /** Logical image name of the steps -> registry path with a tag or digest. */
  images: z.record(name, text),
  /** E-mail addresses. Without them Google uses the project's default account. */
  serviceAccounts: z
    .strictObject({ workflow: z.email().optional(), steps: z.email().optional() })
    .default({}),
  /** Values of the variables that steps let the environment set, e.g. endpoints of sources. */
  env: z.record(z.string(), z.string()).default({}),
})

const localImage = z.strictObject({
  /** Runs in the project's folder instead of the container; the container's args follow. */
  command: z.array(text).min(1),
})

const access = {
  /** Everybody may call it, as with unauthenticated invocations allowed. */
  public: z.boolean().default(false),
  /** What tokens may name besides the service's address. */
  audiences: z.array(text).default([]),
}

const localService = z.union([
  z.strictObject({
    /** A server that runs already, e.g. `http://127.0.0.1:3000`. */
    url: z.url({ protocol: /^https?$/ }),
    ...access,
  }),
  z.strictObject({
    /** Runs in the project's folder with `PORT`, from the first request on. */
    command: z.tuple([text], text),
    ...access,
  }),
])

const origin = z
  .url({ protocol: /^https?$/ })
  .refine((address) => new URL(address).origin === address, 'write scheme and host only')

const sampleService = z.strictObject({
  /** Module of the project that exports `start({ date })`, which resolves with `{ url, close }`. */
  module: text,
  /** The variable of the steps that carries the service's address. */
  env: text,
})

const amount = z.number().nonnegative()

const price = z.strictObject({
  /** USD, for as much as the list price is: 1,000 steps or operations, one second, one TiB of queries. */
  usd: amount,
  /** What is free each month, in steps, operations, seconds or TiB. */
  free: amount.optional(),
})

const prices = z.strictObject({
  /** Whose prices they are, e.g. `our contract of 2026, southamerica-east1`: the README of a DAG says it. */
  of: text,
  internalSteps: price.optional(),
  externalSteps: price.optional(),
  /** Of Cloud Run jobs, a vCPU-second. */
  cpu: price.optional(),
  /** Of Cloud Run jobs, a GiB-second. */
  memory: price.optional(),
  /** Of Cloud Storage, class A. */
  writes: price.optional(),
  /** Of Cloud Storage, class B. */
  reads: price.optional(),
  /** A TiB that queries read. */
  queries: price.optional(),
})

export const configSchema = z.strictObject({
  /** Where `dag deploy --env` can go; `local` is built in. */
  environments: z
    .record(name, environment)
    .default({})
    .refine((environments) => !('local' in environments), {
      message: '`local` is built in; give this environment another name',
      path: ['local'],
    }),
  /** Logical image name -> what runs in its place on this machine. */
  images: z.record(name, localImage).default({}),
  /** Address of a Cloud Run service, e.g. `https://hello-123456.us-central1.run.app` -> what answers there locally. */
  services: z.record(origin, localService).default({}),
  /** Local stand-ins of the sources, used unless a run is `--live`. */
  sampleServices: z.record(name, sampleService).default({}),
  /** What `generated/<dag>/README.md` counts the cost with, where it is not the list price. */
  prices: prices.optional(),
})

export type ConfigInput = z.input<typeof configSchema>
export type Config = z.output<typeof configSchema>
export type SampleServiceConfig = Config['sampleServices'][string]

/**
 * Declares a project's environments, local images, local services, sample services and prices; the default export of `dag.config.ts`.
 *
 * @example
 * ```ts
 * import { defineConfig } from 'dagwright/config'
 *
 * export default defineConfig({
 *   environments: {
 *     prod: {
 *       project: 'my-project',
 *       region: 'us-central1',
 *       bucket: 'my-project-data',
 *       datasetLocation: 'US',
 *       images: { steps: 'us-docker.pkg.dev/my-project/dags/steps:1.0.0' },
 *     },
 *   },
 *   prices: { of: 'our contract of 2026', cpu: { usd: 0.00002 }, queries: { usd: 5, free: 0 } },
 * })
 * ```
 */
export function defineConfig(config: ConfigInput): ConfigInput {
  return config
}
