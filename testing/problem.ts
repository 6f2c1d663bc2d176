import type { ErrorCode } from '../dsl/errors/codes.ts'
import { isDagError } from '../dsl/errors/index.ts'
import { DagError, DagProblems, type DagDefinition, type Location } from '../dsl/index.ts'
import { firstLocation } from '../dsl/location.ts'
import { didYouMean } from '../dsl/suggest.ts'
import { UnfitAnswer } from './answer.ts'
import type { MockFailure } from './stage.ts'

/** Mistakes in what a simulation was asked for; all are collected, so that one attempt names them all. */
export class Mistakes {
  readonly #at: Location | null
  readonly #list: DagError[] = []

  constructor(at: Location | null) {
    this.#at = at
  }

  add(code: ErrorCode, message: string, hint: string): void {
    this.#list.push(new DagError(code, message, { at: this.#at, hint }))
  }

  /** Null, and a mistake, where the DAG has no such task. */
  task(dag: DagDefinition, id: string, option: string) {
    const found = dag.tasks.find((task) => task.id === id)
    if (found === undefined) {
      const ids = dag.tasks.map((task) => task.id)
      this.add(
        'DAG701',
        `${option} names "${id}", which is no task of DAG ${dag.id}`,
        didYouMean(id, ids, 'tasks'),
      )
    }
    return found ?? null
  }

  /** @throws DagProblems where there are any */
  check(): void {
    if (this.#list.length > 0) throw new DagProblems(this.#list)
  }
}

/** What a mock in a file threw: its author's mistake, or an expectation that does not hold. */
export function thrownByMock({ task, error }: MockFailure): unknown {
  if (error instanceof UnfitAnswer || isDagError(error)) return asProblem(error, null)
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  const at = error instanceof Error ? firstLocation(error.stack ?? '') : null
  const hint =
    'a mock is called with the input of its task, as in ({ stories }) => …, and may throw a StepError'
  return new DagProblems([
    new DagError('DAG707', `the mock of task ${task} threw ${message.split('\n')[0]}`, { at, hint }),
  ])
}

/** What a mock threw, as whoever asked for the simulation reads it. */
export function asProblem(error: unknown, at: Location | null): unknown {
  if (!(error instanceof UnfitAnswer)) return error
  return new DagProblems([new DagError('DAG702', error.message, { at, hint: error.hint })])
}
