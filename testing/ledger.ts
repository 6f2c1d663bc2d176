import type { DagDefinition, TaskDefinition } from '../dsl/index.ts'
import type { OpenBucket } from '../steps/runtime/object-store.ts'
import { publishOutcome } from '../steps/runtime/publish.ts'
import type { RunFacts } from './mock.ts'
import type { Mistakes } from './problem.ts'
import type { Script } from './script.ts'
import type { Selection } from './selection.ts'

export type KnownState = 'success' | 'skipped'

export interface LedgerOptions {
  readonly dag: DagDefinition
  readonly selection: Selection
  readonly script: Script
  readonly run: RunFacts
  readonly bucket: string
  readonly open: OpenBucket
  /** Whether a task's mock says what it gave; otherwise an earlier execution of the run has to. */
  readonly isMocked: (task: string) => boolean
  readonly mistakes: Mistakes
}

/**
 * Writes what the tasks above those that run have given into the ledger of the run, where its workflow looks it up, and
 * returns what it is told of them: docs/architecture.md, "Names".
 */
export async function fillLedger(options: LedgerOptions): Promise<Readonly<Record<string, KnownState>>> {
  const { dag, selection } = options
  const known: [string, KnownState][] = []
  for (const task of dag.tasks) {
    const mapped = isMapped(dag, task)
    if (selection.left.includes(task.id)) known.push([mapped ? task.id : `${task.id}/0`, 'skipped'])
    if (!selection.given.includes(task.id)) continue
    if (!options.isMocked(task.id)) known.push(...(await findResults(task, mapped, options)))
    // How many instances there are only its list tells: it is expanded, and its mock answers as ever.
    else if (!mapped) known.push(...(await giveResult(task, options)))
  }
  return Object.fromEntries(known)
}

/** Whether a task has instances, by a list of its own or of a group around it. */
function isMapped({ groups }: DagDefinition, task: TaskDefinition): boolean {
  if (task.kind === 'step' && task.mapping !== null) return true
  return groups.some(
    ({ path, mapping }) => mapping !== null && (task.group === path || task.group?.startsWith(`${path}.`)),
  )
}

function entryOf({ dag, run }: LedgerOptions, task: string, index = 0): string {
  return `runs/${dag.id}/${run.run_id}/${task}/${index}/result.json`
}

async function giveResult(task: TaskDefinition, options: LedgerOptions): Promise<[string, KnownState][]> {
  const key = `${task.id}/0`
  const { script, bucket, open, mistakes } = options
  const outcome = await script.given(task)
  if (outcome?.kind === 'skip') return [[key, 'skipped']]
  if (outcome?.kind !== 'answer') {
    mistakes.add(
      'DAG705',
      `task ${task.id} does not run, and its mock is no output`,
      'mock it with what it gives, or let it run',
    )
    return []
  }
  const name = entryOf(options, task.id)
  const store = open(bucket)
  const ifGeneration = (await store.stat(name))?.generation ?? '0'
  const contentType = 'application/json'
  const output = outputOf(task, outcome.answer)
  if (task.kind !== 'step') {
    await store.put(name, JSON.stringify({ state: 'success', tries: 1, output }), {
      contentType,
      ifGeneration,
    })
    return [[key, 'success']]
  }
  // As its container and its workflow would: the output first, and then a copy of it with the same metadata.
  const original = name.replace(/result\.json$/, `mock-${ifGeneration}/output.json`)
  await publishOutcome({ kind: 'output', output }, { bucket, name: original, tries: 1 }, open)
  const metadata = (await store.stat(original))?.metadata ?? {}
  await store.put(name, await store.get(original), { contentType, metadata, ifGeneration })
  return [[key, 'success']]
}

/** No list is expanded to more. */
const MOST_INSTANCES = 1000

/** What earlier executions of the run have kept, of a mapped task for each instance. */
async function findResults(
  task: TaskDefinition,
  mapped: boolean,
  options: LedgerOptions,
): Promise<[string, KnownState][]> {
  const store = options.open(options.bucket)
  const found: [string, KnownState][] = []
  for (let index = 0; index < (mapped ? MOST_INSTANCES : 1); index += 1) {
    const entry = await store.stat(entryOf(options, task.id, index))
    if (entry === null) break
    found.push([`${task.id}/${index}`, entry.metadata['outcome'] === 'skip' ? 'skipped' : 'success'])
  }
  if (found.length === 0) {
    options.mistakes.add(
      'DAG705',
      `task ${task.id} does not run, and run ${options.run.run_id} has no result of it`,
      'run the whole DAG for this date first, or say with --mock what it gives',
    )
  }
  return found
}

/** What the workflow keeps of an answer. */
function outputOf(
  task: TaskDefinition,
  answer: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  switch (task.kind) {
    case 'http':
      return { status: answer['status'], body: answer['body'] }
    case 'trigger':
      return { run_id: 'simulated', execution: 'simulated', state: answer['state'] }
    default:
      return answer
  }
}
