import { BigQuery } from '@google-cloud/bigquery'
import { PassThroughClient } from 'google-auth-library'
import { localNames } from '../../deploy/environment.ts'
import { startEmulator } from '../../simulator/emulator.ts'

/** Columns that name the run that wrote a row, not what the row says. */
const loadColumns = new Set(['_load_id', '_loaded_at'])

export type Tables = Readonly<Record<string, readonly string[]>>

/** Opens the local cloud on a state folder that no command uses, for as long as `use` takes. */
export async function withBigQuery<T>(state: string, use: (bigquery: BigQuery) => Promise<T>): Promise<T> {
  const { project, region } = localNames
  const emulator = await startEmulator({ stateDir: state, project, location: region, images: {} })
  try {
    const authClient = new PassThroughClient() as never
    return await use(new BigQuery({ apiEndpoint: emulator.url, projectId: project, authClient }))
  } finally {
    await emulator.close()
  }
}

/** Every row of every table of the given layers, as text, without the columns that name the load. */
export async function readTables(bigquery: BigQuery, layers: readonly string[]): Promise<Tables> {
  const tables: Record<string, readonly string[]> = {}
  for (const layer of layers) {
    const dataset = `anilist_${layer}`
    const [found] = await bigquery.dataset(dataset).getTables()
    for (const { id } of found) {
      const [rows] = await bigquery.query(`SELECT * FROM \`${dataset}.${String(id)}\``)
      tables[`${dataset}.${String(id)}`] = (rows as Readonly<Record<string, unknown>>[])
        .map((row) => JSON.stringify(Object.entries(row).filter(([column]) => !loadColumns.has(column))))
        .toSorted()
    }
  }
  return tables
}

export async function dumpTables(state: string, layers: readonly string[]): Promise<Tables> {
  return withBigQuery(state, (bigquery) => readTables(bigquery, layers))
}

/** RAW tells the versions of staged objects apart, and when they were asked for; what they hold is compared. */
export function versionsApart(all: Tables): Tables {
  const content = (rows: readonly string[]) => [
    ...new Set(rows.map((row) => /\["md5","(\w+)"\]/.exec(row)?.[1] ?? row)),
  ]
  return Object.fromEntries(
    Object.entries(all).map(([name, rows]) => [name, name.startsWith('anilist_raw.') ? content(rows) : rows]),
  )
}
