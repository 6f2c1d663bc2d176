import { createHash } from 'node:crypto'
import { StepError } from '../runtime/error.ts'
import { objectUri, PreconditionFailed } from '../runtime/object-store.ts'
import { defineStep } from '../runtime/step.ts'
import type { StepContext } from '../runtime/step.ts'
import { loadRaw, rawListTable } from './contract.ts'
import { snapshotManifest } from './manifest.ts'
import type { SnapshotManifest } from './manifest.ts'

const HOUR_MS = 60 * 60 * 1000

type Chunk = SnapshotManifest['chunks'][number]

/** Staged objects -> rows -> load job into a staging table -> one MERGE that only inserts. */
export default defineStep(loadRaw, async ({ userName, manifest: address, objects }, context) => {
  const { clock, log, store, warehouse } = context
  const manifest = await readManifest(context, address)
  const wanted = new Map(objects.map((version) => [`${version.object}#${version.generation}`, version]))
  const rows: string[] = []
  for (const { object, generation } of wanted.values()) {
    const chunk = manifest.chunks.find((known) => known.object === object && known.generation === generation)
    if (!chunk) {
      const message = `${address.object} does not know ${object} at generation ${generation}`
      throw new StepError({ code: 'manifest_mismatch', message, retryable: false })
    }
    rows.push(await rowOf(context, { userName, manifest, chunk }))
  }

  const { dataset, table, columns } = rawListTable
  const target = `${dataset}.${table}`
  const uri = await writeRows(context, rows)
  const staging = { dataset, table: `${table}__staging_${stagingHash(context)}` }
  // A step that dies before it drops the table leaves it to its expiration.
  // The run's clock may be ahead of this machine's, as in a simulation of later days.
  const now = Math.max(clock.now(), Date.parse(context.run.now))
  await warehouse.createTable(staging, { columns, expiresAt: now + 24 * HOUR_MS })
  await warehouse.load({ jobId: context.jobId('load'), uri, into: staging, columns, write: 'truncate' })
  const { inserted } = await warehouse.execute({
    jobId: context.jobId('merge'),
    sql: mergeSql(target, `${staging.dataset}.${staging.table}`),
    dataset,
  })
  await warehouse.dropTable(staging)
  log.info(`${target}: ${inserted} of ${rows.length} rows are new`, { bucket: store.bucket })
  return { table: target, rows: rows.length, inserted }
})

async function readManifest(
  { store }: StepContext,
  { object, generation }: { object: string; generation: string },
): Promise<SnapshotManifest> {
  const bytes = await store.get(object, generation)
  return snapshotManifest.parse(JSON.parse(Buffer.from(bytes).toString('utf8')))
}

async function rowOf(
  { clock, loadId, run, store }: StepContext,
  { userName, manifest, chunk }: { userName: string; manifest: SnapshotManifest; chunk: Chunk },
): Promise<string> {
  const bytes = await store.get(chunk.object, chunk.generation)
  const md5 = createHash('md5').update(bytes).digest('hex')
  if (md5 !== chunk.md5) {
    const message = `${chunk.object} at generation ${chunk.generation} has md5 ${md5}, its manifest says ${chunk.md5}`
    throw new StepError({ code: 'manifest_mismatch', message, retryable: false })
  }
  const row: Record<(typeof rawListTable.columns)[number]['name'], unknown> = {
    object: chunk.object,
    generation: chunk.generation,
    md5,
    user: userName,
    type: manifest.type,
    chunk: chunk.chunk,
    has_next: chunk.has_next,
    http_status: chunk.status,
    headers: chunk.headers,
    payload: JSON.parse(Buffer.from(bytes).toString('utf8')) as unknown,
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

async function writeRows(context: StepContext, rows: readonly string[]): Promise<string> {
  const { store } = context
  const name = context.workObject('rows.ndjson')
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

function mergeSql(target: string, source: string): string {
  const names = rawListTable.columns.map(({ name }) => `\`${name}\``)
  return `MERGE \`${target}\` AS target
USING \`${source}\` AS source
ON target.object = source.object AND target.generation = source.generation
WHEN NOT MATCHED THEN
  INSERT (${names.join(', ')})
  VALUES (${names.map((name) => `source.${name}`).join(', ')})`
}
