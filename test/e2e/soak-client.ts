import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { BigQuery } from '@google-cloud/bigquery'
import { Storage } from '@google-cloud/storage'
import { PassThroughClient } from 'google-auth-library'

/** Numbers in [0, 1), the same for the same seed. */
export function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

const project = 'local-project'
const dataset = 'soak'

export function connect(url: string): { readonly bigquery: BigQuery; readonly storage: Storage } {
  const bigquery = new BigQuery({
    apiEndpoint: url,
    projectId: project,
    autoRetry: false,
    maxRetries: 0,
    // The client's types know only clients that sign; this one passes requests through.
    authClient: new PassThroughClient() as never,
  })
  const retryOptions = { autoRetry: false, maxRetries: 0 }
  return { bigquery, storage: new Storage({ apiEndpoint: url, projectId: project, retryOptions }) }
}

/** What a server that dies in the middle of a request looks like to its client. */
function isOutage(error: unknown): boolean {
  const { code, message = '' } = error as { readonly code?: unknown; readonly message?: string }
  return (
    code === 503 ||
    /ECONNREFUSED|ECONNRESET|EPIPE|socket hang up|Premature close|network|aborted|terminated|could not start/i.test(
      `${String(code)} ${message}`,
    )
  )
}

/** Repeats a request that may be repeated until the server answers it. */
export async function persist<T>(request: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await request()
    } catch (error) {
      if (!isOutage(error) || tries > 600) throw error
      await sleep(100)
    }
  }
}

interface JobEnd {
  readonly state: string
  readonly reason?: string
  readonly message?: string
}

/** One client: what it has done, and what must therefore be there. Only it writes its tables and objects. */
export class SoakClient {
  readonly id: number
  readonly #random: () => number
  readonly #bigquery: BigQuery
  readonly #storage: Storage
  /** Rows by batch, of loads that succeeded. */
  readonly #batches = new Map<number, number>()
  readonly #objects = new Map<string, string>()
  readonly #balances = new Map<number, number>()
  #next = 0
  readonly done = { uploads: 0, loads: 0, merges: 0, queries: 0, lost: 0 }

  constructor(id: number, url: string, seed: number) {
    this.id = id
    this.#random = random(seed * 31 + id)
    const { bigquery, storage } = connect(url)
    this.#bigquery = bigquery
    this.#storage = storage
  }

  async prepare(): Promise<void> {
    const fields = (names: readonly string[]) => names.map((name) => ({ name, type: 'INT64' }))
    const make = async (table: string, names: readonly string[]): Promise<void> => {
      await persist(async () => {
        const [exists] = await this.#bigquery.dataset(dataset).table(table).exists()
        if (!exists)
          await this.#bigquery.dataset(dataset).createTable(table, { schema: { fields: fields(names) } })
      })
    }
    await make(`rows_${this.id}`, ['batch', 'n'])
    await make(`balances_${this.id}`, ['account', 'amount'])
  }

  /** One operation at random, its outcome known when it ends. */
  async step(): Promise<void> {
    const dice = this.#random()
    if (dice < 0.25) await this.#upload()
    else if (dice < 0.55) await this.#load()
    else if (dice < 0.8) await this.#merge()
    else await this.check()
  }

  #integer(below: number): number {
    return Math.floor(this.#random() * below)
  }

  async #upload(): Promise<void> {
    const name = `c${this.id}/o${this.#integer(20)}`
    const content = `${this.#next++}-`.repeat(1 + this.#integer(20_000))
    const resumable = this.#random() < 0.3
    await persist(() => this.#storage.bucket('soak').file(name).save(content, { resumable }))
    this.#objects.set(name, content)
    this.done.uploads++
  }

  async #load(): Promise<void> {
    const batch = this.#next++
    const count = 1 + this.#integer(5000)
    const json = this.#random() < 0.5
    const lines = Array.from({ length: count }, (_, n) =>
      json ? `{"batch":${batch},"n":${n}}` : `${batch},${n}`,
    )
    const text = `${lines.join('\n')}\n`
    const name = `c${this.id}/load-${batch}`
    await persist(() =>
      this.#storage
        .bucket('soak')
        .file(name)
        .save(this.#random() < 0.5 ? gzipSync(text) : text, { resumable: false }),
    )
    const end = await this.#job(`load-${this.id}-${batch}`, {
      load: {
        sourceUris: [`gs://soak/${name}`],
        destinationTable: { projectId: project, datasetId: dataset, tableId: `rows_${this.id}` },
        sourceFormat: json ? 'NEWLINE_DELIMITED_JSON' : 'CSV',
      },
    })
    if (end.reason === undefined) this.#batches.set(batch, count)
    this.done.loads++
  }

  /** Moves an amount from one account to another, in one statement. */
  async #merge(): Promise<void> {
    const [from, to, amount] = [this.#integer(5), 5 + this.#integer(5), 1 + this.#integer(100)]
    const sql = `MERGE ${dataset}.balances_${this.id} t
      USING (SELECT ${from} AS account, -${amount} AS change UNION ALL SELECT ${to}, ${amount}) s
      ON t.account = s.account
      WHEN MATCHED THEN UPDATE SET amount = t.amount + s.change
      WHEN NOT MATCHED THEN INSERT (account, amount) VALUES (s.account, s.change)`
    const end = await this.#job(`merge-${this.id}-${this.#next++}`, {
      query: { query: sql, useLegacySql: false },
    })
    if (end.reason === undefined) {
      this.#balances.set(from, (this.#balances.get(from) ?? 0) - amount)
      this.#balances.set(to, (this.#balances.get(to) ?? 0) + amount)
    }
    this.done.merges++
  }

  /** Starts a job and waits for its end, over as many outages as it takes. */
  async #job(jobId: string, configuration: object): Promise<JobEnd> {
    await persist(async () => {
      try {
        await this.#bigquery.createJob({ jobId, location: 'US', configuration })
      } catch (error) {
        // The server had the job, only its answer was lost.
        if ((error as { code?: unknown }).code !== 409) throw error
      }
    })
    for (let polls = 0; polls < 1200; polls++) {
      const [metadata] = (await persist(() =>
        this.#bigquery.job(jobId, { location: 'US' }).getMetadata(),
      )) as unknown as [{ status: { state: string; errorResult?: { reason: string; message: string } } }]
      const { state, errorResult } = metadata.status
      if (state === 'DONE') {
        if (errorResult === undefined) return { state }
        // The one way to fail here is that the server was killed under the job.
        if (errorResult.reason !== 'backendError')
          throw new Error(`${jobId} failed: ${errorResult.reason} ${errorResult.message}`)
        this.done.lost++
        return { state, ...errorResult }
      }
      await sleep(50)
    }
    throw new Error(`${jobId} is stuck`)
  }

  async #rows<T>(sql: string): Promise<T[]> {
    const [rows] = await persist(() => this.#bigquery.query(sql))
    return rows as T[]
  }

  /** Compares tables and objects with what was acknowledged; throws where they differ. */
  async check(everything = false): Promise<void> {
    const batches = await this.#rows<{ batch: number; rows: number; kinds: number; top: number }>(
      `SELECT batch, COUNT(*) AS \`rows\`, COUNT(DISTINCT n) AS kinds, MAX(n) + 1 AS top FROM ${dataset}.rows_${this.id} GROUP BY batch`,
    )
    const found = new Map(batches.map((row) => [row.batch, row] as const))
    const wrong = [...new Set([...found.keys(), ...this.#batches.keys()])].filter((batch) => {
      const row = found.get(batch)
      const expected = this.#batches.get(batch) ?? 0
      return (row?.rows ?? 0) !== expected || (row?.kinds ?? 0) !== expected || (row?.top ?? 0) !== expected
    })
    if (wrong.length > 0)
      throw new Error(
        `client ${this.id}: batches ${wrong.map((batch) => `${batch}: ${JSON.stringify(found.get(batch))} of ${this.#batches.get(batch)}`).join(', ')}`,
      )
    const balances = await this.#rows<{ account: number; amount: number }>(
      `SELECT account, amount FROM ${dataset}.balances_${this.id} ORDER BY account`,
    )
    const expected = [...this.#balances].toSorted(([a], [b]) => a - b)
    if (JSON.stringify(balances.map((row) => [row.account, row.amount])) !== JSON.stringify(expected))
      throw new Error(
        `client ${this.id}: balances ${JSON.stringify(balances)} instead of ${JSON.stringify(expected)}`,
      )
    const names = [...this.#objects.keys()]
    const sample = everything ? names : names.slice(0, 1 + this.#integer(3))
    for (const name of sample) {
      const [content] = await persist(() => this.#storage.bucket('soak').file(name).download())
      if (content.toString() !== this.#objects.get(name))
        throw new Error(`object ${name} is not what was saved`)
    }
    this.done.queries++
  }
}
