import { readFileSync } from 'node:fs'
import { earlyRules, startsBeforeItsList } from '../airflow.ts'
import type { Description, Outcome, State } from '../description.ts'
import { contestedTasks, excludedBy } from '../oracle.ts'
import { structureOf, type Structure } from '../structure.ts'
import { expand, type CompactDag } from './compact.ts'

/** What runs of DAGs came to in Apache Airflow, as probes/airflow records it. */
export interface Recording {
  readonly airflow: string
  /** Runs of each DAG, every one in another order of events. */
  readonly orders: number
  readonly dags: readonly RecordedDag[]
}

interface RecordedDag {
  readonly dag: CompactDag
  /** How many runs came to each outcome. */
  readonly outcomes: Readonly<Record<string, number>>
}

/** How a run ended: the states of each task's instances in letters, tries behind a stroke where they are not the usual. */
export interface RecordedOutcome {
  readonly tasks: readonly string[]
  readonly run: string
}

export function readRecording(): Recording {
  return JSON.parse(readFileSync(new URL('airflow.json', import.meta.url), 'utf8')) as Recording
}

export function descriptionOf({ dag }: RecordedDag): Description {
  return expand(dag)
}

export function outcomesOf({ outcomes }: RecordedDag): readonly RecordedOutcome[] {
  return Object.keys(outcomes).map((text) => {
    const [tasks = '', run = ''] = text.split(' | ')
    return { tasks: tasks.split(' ').map(once), run }
  })
}

const letters: Readonly<Record<State, string>> = {
  success: 'S',
  failed: 'F',
  upstream_failed: 'U',
  skipped: 'K',
}

export function recorded({ tasks, run }: Outcome): RecordedOutcome {
  const texts = Object.values(tasks).map((ends) => {
    const states = ends.map(({ state }) => letters[state]).join('')
    const tries = ends.map((end) => end.tries).join('.')
    const usual = ends.map(({ state }) => (state === 'success' || state === 'failed' ? 1 : 0)).join('.')
    return once(tries === usual ? states : `${states}/${tries}`)
  })
  return { tasks: texts, run }
}

/** Of instances that never ran it does not matter how many there are. */
function once(text: string): string {
  return /^([UK])\1+$/.test(text) ? text.slice(0, 1) : text
}

/** Where Airflow and this compiler decide differently on purpose, as docs/from-airflow.md has it: the tasks concerned. */
function listedDifferences(description: Description): Readonly<Record<string, readonly string[]>> {
  const structure = structureOf(description)
  return {
    'a failure wins over a skip': contestedTasks(description).map(({ id }) => id),
    'a list is waited for': startsBeforeItsList(description),
    'a choice comes first': hasty(structure),
    'a choice counts in a mapped group': excluded(structure, (id) => structure.mappedGroups.has(id)),
  }
}

/** Tasks that may run before a branch or short circuit above them has decided that they do not. */
function hasty(structure: Structure): readonly string[] {
  return excluded(structure, () => true).filter((id) => earlyRules.has(structure.tasks.get(id)!.rule))
}

function excluded(structure: Structure, by: (id: string) => boolean): readonly string[] {
  return structure.description.tasks.flatMap((task) => {
    if ((task.kind !== 'branch' && task.kind !== 'short_circuit') || !by(task.id)) return []
    const instances = task.kind === 'branch' ? task.chosen.length : task.passes.length
    return Array.from({ length: instances + 1 }, (_, index) => [...excludedBy(task, index, structure)]).flat()
  })
}

/**
 * The listed differences by which one outcome became another: those of the tasks where it begins, everything above them
 * being the same. None where nothing differs, null where one begins at a task of no listed difference.
 */
export function explain(
  description: Description,
  ours: RecordedOutcome,
  theirs: RecordedOutcome,
): readonly string[] | null {
  const differ = new Set(
    description.tasks.filter((_, at) => ours.tasks[at] !== theirs.tasks[at]).map(({ id }) => id),
  )
  if (differ.size === 0) return ours.run === theirs.run ? [] : null
  const { edges, setups } = structureOf(description)
  const begins = [...differ].filter(
    (id) => ![...edges.get(id)!.map(({ from }) => from), ...setups.get(id)!].some((from) => differ.has(from)),
  )
  const listed = Object.entries(listedDifferences(description))
  const names = begins.map((id) => listed.find(([, ids]) => ids.includes(id))?.[0])
  return names.includes(undefined) ? null : [...new Set(names as string[])]
}
