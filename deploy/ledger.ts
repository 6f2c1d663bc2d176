import { z } from 'zod'
import type { Clients } from './clients.ts'
import { googleFailure, isNotFound } from './google-error.ts'
import { mapLimited } from './pool.ts'
import { UserError } from './user-error.ts'

/** A task, or an instance of a mapped one, whose result the ledger keeps. */
export interface LedgerEntry {
  readonly task: string
  readonly index: number
  readonly state: 'success' | 'skipped'
  /** Of its object, so that no newer entry is meant. */
  readonly generation: string
}

/** Reads which tasks of a run have finished; docs/architecture.md, "Names". */
export async function readLedger(clients: Clients, dag: string, runId: string): Promise<LedgerEntry[]> {
  const { bucket } = clients.environment
  const prefix = prefixOf(dag, runId)
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
      return {
        task,
        index: Number(index),
        state: stateOf(text),
        generation: String(file.metadata.generation),
      }
    })
  } catch (error) {
    // Nothing was ever deployed there.
    if (isNotFound(error)) return []
    throw refused(clients, prefix, error)
  }
}

/** Takes entries of tasks that run again out of the ledger; of nothing that was written meanwhile. */
export async function forgetEntries(
  clients: Clients,
  { dag, runId }: { readonly dag: string; readonly runId: string },
  entries: readonly LedgerEntry[],
): Promise<void> {
  const prefix = prefixOf(dag, runId)
  const bucket = (await clients.storage()).bucket(clients.environment.bucket)
  await mapLimited(entries, 16, async ({ task, index, generation }) => {
    try {
      await bucket
        .file(`${prefix}${task}/${index}/result.json`)
        .delete({ ifGenerationMatch: Number(generation), ignoreNotFound: true })
    } catch (error) {
      if (googleFailure(error).status !== 412) throw refused(clients, prefix, error)
    }
  })
}

const runState = z.looseObject({
  execution: z.string(),
  tasks: z.record(z.string(), z.looseObject({ state: z.string() })),
  run: z
    .looseObject({
      trigger: z.string(),
      logical_date: z.string(),
      interval_start: z.string(),
      interval_end: z.string(),
      params: z.record(z.string(), z.unknown()),
    })
    .optional(),
})

/** How a run ended, as it wrote itself; `run` is what it was given, which runs of older compilers left out. */
export type RunState = z.infer<typeof runState>

/** Reads `state.json` of a run; null where there is none. */
export async function readRunState(clients: Clients, dag: string, runId: string): Promise<RunState | null> {
  const name = `${prefixOf(dag, runId)}state.json`
  try {
    const [content] = await (await clients.storage()).bucket(clients.environment.bucket).file(name).download()
    return runState.parse(JSON.parse(content.toString('utf8')))
  } catch (error) {
    if (isNotFound(error)) return null
    throw refused(clients, name, error)
  }
}

function prefixOf(dag: string, runId: string): string {
  return `runs/${dag}/${runId}/`
}

function refused({ environment }: Clients, name: string, cause: unknown): UserError {
  return new UserError('DAG805', `the ledger cannot be used: ${googleFailure(cause).message}`, {
    place: `gs://${environment.bucket}/${name} (environment ${environment.name})`,
    cause,
  })
}

function stateOf(text: string): LedgerEntry['state'] {
  const result: unknown = JSON.parse(text)
  return typeof result === 'object' && result !== null && 'state' in result && result.state === 'skipped'
    ? 'skipped'
    : 'success'
}
