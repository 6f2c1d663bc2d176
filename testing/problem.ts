import type { ErrorCode } from '../dsl/errors/codes.ts'
import { DagError, DagProblems, type DagDefinition, type Location } from '../dsl/index.ts'
import { didYouMean } from '../dsl/suggest.ts'
import { UnfitAnswer } from './answer.ts'

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

/** What a mock threw, as whoever asked for the simulation reads it. */
export function asProblem(error: unknown, at: Location | null): unknown {
  if (!(error instanceof UnfitAnswer)) return error
  return new DagProblems([new DagError('DAG702', error.message, { at, hint: error.hint })])
}
