import { createHash } from 'node:crypto'
import { objectUri, PreconditionFailed } from '../runtime/object-store.ts'
import { defineStep } from '../runtime/step.ts'
import type { StepContext } from '../runtime/step.ts'
import { loadRaw, rawTables } from './contract.ts'
import type { SnapshotManifest, SnapshotResource } from './manifest.ts'
import { readBody, readManifest } from './staged.ts'

const HOUR_MS = 60 * 60 * 1000

type RawTable = (typeof rawTables)[SnapshotResource]
type Chunk = SnapshotManifest['chunks'][number]

/** For each table: staged objects -> rows -> load job into a staging table -> one MERGE that only inserts. */
export default defineStep(loadRaw, async ({ userName, manifests: addresses }, context) => {
  const rowsOf = new Map<RawTable, Map<string, string>>()
  for (const address of addresses) {
    const manifest = await readManifest(context.store, address)
    const target = rawTables[manifest.resource]
    const rows = rowsOf.get(target) ?? new Map<string, string>()
    rowsOf.set(target, rows)
    for (const chunk of manifest.chunks) {
      rows.set(`${chunk.object}#${chunk.generation}`, await rowOf(context, { userName, manifest, chunk }))
    }
  }

  const tables = []
  for (const [target, rows] of rowsOf) {
    const table = `${target.dataset}.${target.table}`
    const inserted = rows.size === 0 ? 0 : await load(context, target, [...rows.values()])
    context.log.info(`${table}: ${inserted} of ${rows.size} rows are new`, { bucket: context.store.bucket })
    tables.push({ table, rows: rows.size, inserted })
  }
  return { tables }
})

/** How many of the rows were not there before. */
async function load(
  context: StepContext,
  { dataset, table, columns }: RawTable,
  rows: readonly string[],
): Promise<number> {
  const { clock, run, warehouse } = context
  const uri = await writeRows(context, `${table}.ndjson`, rows)
  const staging = { dataset, table: `${table}__staging_${stagingHash(context)}` }
  // A step that dies before it drops the table leaves it to its expiration.
  // The run's clock may be ahead of this machine's, as in a simulation of later days.
  const now = Math.max(clock.now(), Date.parse(run.now))
  await warehouse.createTable(staging, { columns, expiresAt: now + 24 * HOUR_MS })
  const jobId = (purpose: string) => context.jobId(`${purpose}_${table}`)
  await warehouse.load({ jobId: jobId('load'), uri, into: staging, columns, write: 'truncate' })
  const names = columns.map(({ name }) => name)
  const { inserted } = await warehouse.execute({
    jobId: jobId('merge'),
    sql: mergeSql(`${dataset}.${table}`, `${staging.dataset}.${staging.table}`, names),
    dataset,
  })
  await warehouse.dropTable(staging)
  return inserted
}

async function rowOf(
  { clock, loadId, run, store }: StepContext,
  { userName, manifest, chunk }: { userName: string; manifest: SnapshotManifest; chunk: Chunk },
): Promise<string> {
  const row: Record<RawTable['columns'][number]['name'], unknown> = {
    object: chunk.object,
    generation: chunk.generation,
    md5: chunk.md5,
    user: userName,
    type: manifest.type,
    chunk: chunk.chunk,
    has_next: chunk.has_next,
    http_status: chunk.status,
    headers: chunk.headers,
    payload: await readBody(store, chunk),
    requested_at: chunk.requested_at,
    ingestion_date: run.date,
    _load_id: loadId,
    _loaded_at: new Date(clock.now()).toISOString(),
  }
  return wellFormedJson(row)
}

/** BigQuery refuses text with half a surrogate pair, which AniList can send where it cut a note. */
function wellFormedJson(value: unknown): string {
  // JSON.stringify escapes surrogates only where they stand alone; other escapes are left as they are.
  return JSON.stringify(value).replaceAll(/\\(?:ud[89a-f][0-9a-f]{2}|.)/g, (escape) =>
    escape.length > 2 ? '\\ufffd' : escape,
  )
}

async function writeRows(context: StepContext, file: string, rows: readonly string[]): Promise<string> {
  const { store } = context
  const name = context.workObject(file)
  try {
    await store.put(name, rows.map((row) => `${row}\n`).join(''), {
      contentType: 'application/x-ndjson',
      ifGeneration: '0',
    })
  } catch (error) {
    // Another start of this try wrote the same rows.
    if (!(error instanceof PreconditionFailed)) throw error
  }
  return objectUri(store.bucket, name)
}

/** One staging table per try, the same for every start of it. */
function stagingHash(context: StepContext): string {
  return createHash('sha256').update(context.jobId('staging')).digest('hex').slice(0, 12)
}

function mergeSql(target: string, source: string, columns: readonly string[]): string {
  const names = columns.map((name) => `\`${name}\``)
  return `MERGE \`${target}\` AS target
USING \`${source}\` AS source
ON target.object = source.object AND target.generation = source.generation
WHEN NOT MATCHED THEN
  INSERT (${names.join(', ')})
  VALUES (${names.map((name) => `source.${name}`).join(', ')})`
}
