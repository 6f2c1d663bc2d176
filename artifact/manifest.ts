import { z } from 'zod'

/**
 * `generated/<dag>/manifest.json`: everything that deploying and reading a DAG needs besides the YAML.
 * Written by the compiler, read by deploy, history, the CLI. It names no project, region, bucket or account.
 */

const columnType = z.enum([
  'STRING',
  'INT64',
  'FLOAT64',
  'NUMERIC',
  'BIGNUMERIC',
  'BOOL',
  'DATE',
  'DATETIME',
  'TIME',
  'TIMESTAMP',
  'BYTES',
  'JSON',
  'STRUCT',
])

export interface ManifestColumn {
  name: string
  type: z.infer<typeof columnType>
  mode: 'NULLABLE' | 'REQUIRED' | 'REPEATED'
  description: string
  /** Only with type STRUCT. */
  fields?: ManifestColumn[] | undefined
}

const column: z.ZodType<ManifestColumn> = z.lazy(() =>
  z.strictObject({
    name: z.string(),
    type: columnType,
    mode: z.enum(['NULLABLE', 'REQUIRED', 'REPEATED']),
    description: z.string(),
    fields: z.array(column).optional(),
  }),
)

/** `ops` is what dagwright itself keeps of a DAG's runs. */
const layer = z.enum(['raw', 'tru', 'ref', 'dmt', 'ops'])

const dataset = z.strictObject({ id: z.string(), layer, description: z.string() })

const table = z.strictObject({
  dataset: z.string(),
  table: z.string(),
  layer,
  description: z.string(),
  columns: z.array(column),
  primaryKey: z.array(z.string()),
  /** Day partition on a load or reference date; `expirationDays` null keeps partitions for ever. */
  partition: z
    .strictObject({ column: z.string(), expirationDays: z.number().int().positive().nullable() })
    .nullable(),
  clusterBy: z.array(z.string()),
  /** Besides those that say whose table it is. */
  labels: z.record(z.string(), z.string()).optional(),
  /** Queries have to say which partitions they read. */
  requirePartitionFilter: z.literal(true).optional(),
  /** Of a view: its query. */
  query: z.string().optional(),
})

/** A stored procedure: `file` holds the CREATE PROCEDURE statement, beside the manifest. */
const routine = z.strictObject({
  dataset: z.string(),
  /** Carries a hash of its content, so that a running workflow keeps calling the version it was compiled with. */
  routine: z.string(),
  /** `dataset.table` of the model that it builds. */
  model: z.string(),
  file: z.string(),
})

/** One Cloud Run job per step task. */
const job = z.strictObject({
  /** Cloud Run job id, e.g. `anilist--load-raw`. */
  id: z.string(),
  task: z.string(),
  /** Logical image name; the environment maps it to a registry path, locally to a command. */
  image: z.string(),
  args: z.array(z.string()),
  timeoutSeconds: z.number().int().positive(),
  cpu: z.string(),
  memory: z.string(),
  /** Environment variable -> Secret Manager secret id (latest version). */
  secrets: z.record(z.string(), z.string()),
  /** Names of variables that the environment may set for this step (endpoints of sources). */
  env: z.array(z.string()),
})

const task = z.strictObject({
  id: z.string(),
  kind: z.enum([
    'step',
    'model',
    'http',
    'sensor',
    'approval',
    'trigger',
    'branch',
    'short_circuit',
    'empty',
  ]),
  group: z.string().nullable(),
  upstream: z.array(z.string()),
  /** `dataset.table` names. */
  reads: z.array(z.string()),
  writes: z.array(z.string()),
  /** The step's name, the model's `dataset.table`, the DAG that is triggered, or empty. */
  runs: z.string(),
  retries: z.number().int().nonnegative(),
  timeoutSeconds: z.number().int().positive(),
  /** The task, or a group around it, is repeated over a list: its instances have map indexes. */
  mapped: z.literal(true).optional(),
  /** When it runs by how the tasks above it ended. @default 'all_success' */
  triggerRule: z.string().optional(),
  /** Of an approval: what is to be decided. */
  message: z.string().optional(),
  /** Of a trigger: it waits for the run that it starts. */
  waits: z.literal(true).optional(),
  /** Of a teardown: the setups that it cleans up behind. */
  teardownOf: z.array(z.string()).optional(),
})

export const manifestSchema = z.strictObject({
  version: z.literal(1),
  dag: z.string(),
  description: z.string(),
  schedule: z.strictObject({ cron: z.string(), timeZone: z.string() }).nullable(),
  maxActiveRuns: z.number().int().positive(),
  /** JSON Schema of the run's params, with their defaults. */
  params: z.record(z.string(), z.unknown()),
  workflow: z.strictObject({
    id: z.string(),
    file: z.string(),
    /** User environment variables that the workflow reads with `sys.get_env`. */
    env: z.array(z.string()),
  }),
  tasks: z.array(task),
  jobs: z.array(job),
  datasets: z.array(dataset),
  tables: z.array(table),
  routines: z.array(routine),
  /** The least roles that each identity needs, for `dag deploy` and for a reader. */
  identities: z.array(
    z.strictObject({
      name: z.enum(['workflow', 'steps', 'scheduler']),
      roles: z.array(z.strictObject({ role: z.string(), on: z.string(), why: z.string() })),
    }),
  ),
})

export type Manifest = z.infer<typeof manifestSchema>
export type ManifestTask = Manifest['tasks'][number]
export type ManifestTable = Manifest['tables'][number]
export type ManifestJob = Manifest['jobs'][number]
export type ManifestRoutine = Manifest['routines'][number]
