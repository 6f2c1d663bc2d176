import type { Clients } from './clients.ts'
import { googleFailure } from './google-error.ts'
import { mapLimited } from './pool.ts'
import { UserError } from './user-error.ts'

/** A task, or an instance of a mapped one, whose result the ledger keeps. */
export interface LedgerEntry {
  readonly task: string
  readonly index: number
  readonly state: 'success' | 'skipped'
}

/** Reads which tasks of a run have finished; docs/architecture.md, "Names". */
export async function readLedger(clients: Clients, dag: string, runId: string): Promise<LedgerEntry[]> {
  const { bucket, name: environment } = clients.environment
  const prefix = `runs/${dag}/${runId}/`
  try {
    const [files] = await (
      await clients.storage()
    )
      .bucket(bucket)
      .getFiles({ prefix, matchGlob: `${prefix}*/*/result.json` })
    return await mapLimited(files, 16, async (file): Promise<LedgerEntry> => {
      const [task = '', index = ''] = file.name.slice(prefix.length).split('/')
      const kept = file.metadata.metadata?.['result']
      // What a container wrote stands in the metadata, what the workflow wrote only in the object.
      const text = typeof kept === 'string' ? kept : (await file.download())[0].toString('utf8')
      return { task, index: Number(index), state: stateOf(text) }
    })
  } catch (error) {
    throw new UserError('DAG805', `cannot read the ledger: ${googleFailure(error).message}`, {
      place: `gs://${bucket}/${prefix} (environment ${environment})`,
      cause: error,
    })
  }
}

function stateOf(text: string): LedgerEntry['state'] {
  const result: unknown = JSON.parse(text)
  return typeof result === 'object' && result !== null && 'state' in result && result.state === 'skipped'
    ? 'skipped'
    : 'success'
}
