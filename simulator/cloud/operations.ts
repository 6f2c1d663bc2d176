import { ApiError } from './errors.ts'

/** https://cloud.google.com/workflows/docs/reference/rest/v1/projects.locations.operations#Operation */
export interface Operation {
  readonly name: string
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly done: boolean
  readonly response?: Readonly<Record<string, unknown>>
  readonly error?: OperationError
}

/** google.rpc.Status: `code` is a canonical code as a number, e.g. 3 for INVALID_ARGUMENT. */
export interface OperationError {
  readonly code: number
  readonly message: string
}

/**
 * Finished operations of one API. They stay readable, since clients fetch an operation even when the first answer
 * said that it is done; the oldest go when there are too many.
 */
export class Operations {
  readonly #kept = new Map<string, Operation>()

  add(operation: Operation): Operation {
    this.#kept.set(operation.name, operation)
    const oldest = this.#kept.keys().next()
    if (this.#kept.size > 1000 && oldest.done !== true) this.#kept.delete(oldest.value)
    return operation
  }

  get(name: string): Operation {
    const operation = this.#kept.get(name)
    if (operation === undefined) throw new ApiError(404, `Operation ${name} not found`)
    return operation
  }

  /** Newest first. */
  list(parent: string): readonly Operation[] {
    return [...this.#kept.values()].filter((one) => one.name.startsWith(`${parent}/operations/`)).toReversed()
  }

  delete(name: string): void {
    this.get(name)
    this.#kept.delete(name)
  }
}
