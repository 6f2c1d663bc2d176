import {
  createReadStream,
  createWriteStream,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { BigQuery, type JobMetadata } from '@google-cloud/bigquery'
import { Storage } from '@google-cloud/storage'
import { PassThroughClient } from 'google-auth-library'
import { createBigQueryService } from '../simulator/cloud/bigquery/index.ts'
import { createDispatch, listen } from '../simulator/cloud/server.ts'
import { createStorageService } from '../simulator/cloud/storage/index.ts'
import { realClock } from '../simulator/clock.ts'
import { openWarehouse } from '../simulator/warehouse/index.ts'

/*
 * A load job of generated principals from .tsv.gz into a typed table, beside DuckDB's own statement with the same casts
 * in the same run, twice each by turns; NDJSON; then small queries and the pages of a large result. Everything runs in
 * this process, the generator and the client too: its peak memory is that of the process tree. Figures: docs/local-loads.md.
 * Node 20 does not read TypeScript:
 *   npx esbuild bench/warehouse.ts --bundle --platform=node --format=esm --packages=external
 *     --outfile=dist/bench/warehouse.mjs && node dist/bench/warehouse.mjs [rows]
 */

const count = Number(process.argv[2] ?? 10_000_000)
if (!Number.isSafeInteger(count) || count < 1) throw new Error('usage: warehouse.mjs [rows]')
process.env['METADATA_SERVER_DETECTION'] = 'none'

const categories = ['actor', 'actress', 'director', 'writer', 'producer', 'self', 'composer', 'editor']
const project = 'local-project'
const dir = mkdtempSync(join(tmpdir(), 'bench-warehouse-'))
const file = join(dir, 'principals.tsv.gz')

/** Ten principals a title; a third has no job and a half no character, as `\N`. Seeded: each run has the same rows. */
function* principals(): Generator<string> {
  let state = 20_240_102
  const random = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  let lines = 'tconst\tordering\tnconst\tcategory\tjob\tcharacters\n'
  for (let i = 0; i < count; i += 1) {
    const title = String(Math.floor(i / 10) + 1).padStart(7, '0')
    const name = String(random(9_999_999)).padStart(7, '0')
    const job = random(3) === 0 ? '\\N' : `job ${random(500)}`
    const characters = random(2) === 0 ? '\\N' : `["Part ${random(100_000)}"]`
    lines += `tt${title}\t${(i % 10) + 1}\tnm${name}\t${categories[random(8)]}\t${job}\t${characters}\n`
    if (i % 1000 !== 999) continue
    yield lines
    lines = ''
  }
  yield lines
}

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now()
  await work()
  return (performance.now() - start) / 1000
}

/** DuckDB's own way, into a database file as well. */
async function bare(): Promise<void> {
  const path = join(dir, 'bare.duckdb')
  const instance = await DuckDBInstance.create(path)
  const connection = await instance.connect()
  const names = ['tconst', 'ordering', 'nconst', 'category', 'job', 'characters']
  const columns = names.map((name) => `'${name}': 'VARCHAR'`).join(', ')
  await connection.run(
    `CREATE TABLE t AS SELECT tconst, CAST(ordering AS BIGINT) AS ordering, nconst, category, job, characters
     FROM read_csv('${file}', delim = '\t', quote = '', escape = '', nullstr = '\\N', header = true,
       auto_detect = false, compression = 'gzip', columns = {${columns}})`,
  )
  await connection.run('CHECKPOINT')
  connection.closeSync()
  instance.closeSync()
  rmSync(path)
}

/** Highest resident set of this process since it was last asked, in MB; the kernel keeps it on Linux. */
function peakMemory(): number {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim()
  if (children !== '') throw new Error(`processes that this figure leaves out: ${children}`)
  const kilobytes = /^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]
  writeFileSync('/proc/self/clear_refs', '5')
  return Math.round(Number(kilobytes) / 1024)
}

async function finished(id: string): Promise<JobMetadata> {
  for (;;) {
    const [metadata] = (await client.job(id, { location: 'US' }).getMetadata()) as unknown as [JobMetadata]
    if (metadata.status?.state === 'DONE') return metadata
    await realClock().sleep(50)
  }
}

let jobs = 0

/** The load job's own time, from its statistics. */
async function loadSeconds(load: object, rows: number): Promise<number> {
  const jobId = `load-${jobs++}`
  await client.createJob({ jobId, location: 'US', configuration: { load } })
  const { status, statistics } = await finished(jobId)
  if (status?.errorResult) throw new Error(status.errorResult.message)
  if (statistics?.load?.outputRows !== String(rows)) throw new Error('rows are missing')
  return (Number(statistics.endTime) - Number(statistics.startTime)) / 1000
}

let url = ''
const clock = realClock()
const warehouse = await openWarehouse({ dir: join(dir, 'warehouse'), project })
const storageService = await createStorageService({ dir: join(dir, 'storage'), clock, baseUrl: () => url })
const service = await createBigQueryService({
  dir: join(dir, 'bigquery'),
  clock,
  project,
  storage: storageService,
  warehouse,
})
const server = await listen(createDispatch([service, storageService]), { port: 0 })
url = server.url
const client = new BigQuery({
  apiEndpoint: url,
  projectId: project,
  // The client's types know only clients that sign; this one passes requests through.
  authClient: new PassThroughClient() as never,
})

try {
  await pipeline(Readable.from(principals()), createGzip({ level: 1 }), createWriteStream(file))
  const bucket = new Storage({ apiEndpoint: url, projectId: project }).bucket('lake')
  await bucket.create()
  await pipeline(createReadStream(file), bucket.file('principals.tsv.gz').createWriteStream())
  await client.createDataset('raw')

  console.log(`generating and uploading: peak ${peakMemory()} MB`)
  const loads: number[] = []
  const own: number[] = []
  for (const turn of [1, 2]) {
    loads.push(
      await loadSeconds(
        {
          sourceUris: ['gs://lake/principals.tsv.gz'],
          destinationTable: { projectId: project, datasetId: 'raw', tableId: 'principals' },
          sourceFormat: 'CSV',
          fieldDelimiter: '\t',
          quote: '',
          nullMarker: '\\N',
          skipLeadingRows: 1,
          writeDisposition: 'WRITE_TRUNCATE',
          schema: {
            fields: ['tconst', 'ordering', 'nconst', 'category', 'job', 'characters'].map((name) => ({
              name,
              type: name === 'ordering' ? 'INT64' : 'STRING',
            })),
          },
        },
        count,
      ),
    )
    const peak = peakMemory()
    own.push(await seconds(bare))
    console.log(
      `turn ${turn}, ${count} rows: load job ${loads.at(-1)!.toFixed(2)} s, peak ${peak} MB; DuckDB's own statement ${own.at(-1)!.toFixed(2)} s, peak ${peakMemory()} MB`,
    )
  }
  console.log(`ratio of the best: ${(Math.min(...loads) / Math.min(...own)).toFixed(2)}`)

  const lines = 200_000
  const json = Array.from(
    { length: lines },
    (_, n) =>
      `{"id":${n},"title":"T${n}","score":8.5,"genres":["a","b"],"r":{"day":"2024-01-${10 + (n % 20)}"}}`,
  )
  await bucket.file('list.ndjson').save(`${json.join('\n')}\n`, { resumable: false })
  const nested = await loadSeconds(
    {
      sourceUris: ['gs://lake/list.ndjson'],
      destinationTable: { projectId: project, datasetId: 'raw', tableId: 'list' },
      sourceFormat: 'NEWLINE_DELIMITED_JSON',
      schema: {
        fields: [
          { name: 'id', type: 'INT64' },
          { name: 'title', type: 'STRING' },
          { name: 'score', type: 'FLOAT64' },
          { name: 'genres', type: 'STRING', mode: 'REPEATED' },
          { name: 'r', type: 'RECORD', fields: [{ name: 'day', type: 'DATE' }] },
        ],
      },
    },
    lines,
  )
  console.log(`NDJSON, ${lines} nested rows: ${nested.toFixed(2)} s, peak ${peakMemory()} MB`)

  const queries = 1000
  const small = await seconds(async () => {
    for (let i = 0; i < queries; i += 1) await client.query(`SELECT ${i} AS n, UPPER('a') AS a`)
  })
  console.log(`small queries: ${Math.round((queries / small) * 60)} a minute`)

  const [job] = await client.createQueryJob('SELECT * FROM raw.principals LIMIT 25000')
  await finished(job.id ?? '')
  const pages = await seconds(async () => {
    const [rows] = await job.getQueryResults()
    if (rows.length !== Math.min(count, 25_000)) throw new Error(`${rows.length} rows of 25,000`)
  })
  console.log(`25,000 rows in pages: ${pages.toFixed(2)} s`)
} finally {
  await server.close()
  await service.close()
  await storageService.close()
  await warehouse.close()
  rmSync(dir, { recursive: true })
}
