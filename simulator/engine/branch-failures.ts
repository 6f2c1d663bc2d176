import { RaisedError } from './errors.ts'
import { contextText } from './outcome.ts'
import { sizeOf } from './size.ts'
import { mapOf } from './value.ts'
import type { RuntimeMap } from './value.ts'

/** Bytes that the errors of one parallel step may take: half of what an execution may hold, since somebody catches it. */
const MOST = 256 * 1024

/**
 * The errors that the branches of one parallel step leave unhandled, no larger than what an execution can hold,
 * however many branches raise whatever. The map is not documented, but it says of itself whether it is truncated.
 */
export class BranchFailures {
  readonly #branches: { readonly index: number; readonly branch: RuntimeMap }[] = []
  #size = 0
  #truncated = false

  get some(): boolean {
    return this.#branches.length > 0 || this.#truncated
  }

  /** Keeps what a branch raised; without the payload, or not at all, where there is no room left. */
  add(index: number, id: string, error: RaisedError): void {
    const context = contextText(error)
    const whole = mapOf({ id, error: mapOf({ context, payload: error.value }) })
    if (this.#kept(index, whole)) return
    this.#truncated = true
    this.#kept(index, mapOf({ id, error: mapOf({ context }) }))
  }

  #kept(index: number, branch: RuntimeMap): boolean {
    const size = sizeOf(branch)
    if (this.#size + size > MOST) return false
    this.#size += size
    this.#branches.push({ index, branch })
    return true
  }

  /** The error of the parallel step. */
  error(): RaisedError {
    const sorted = this.#branches.toSorted((a, b) => a.index - b.index)
    return new RaisedError(
      mapOf({
        tags: ['UnhandledBranchError', 'RuntimeError'],
        message:
          'UnhandledBranchError: One or more branches or iterations encountered an unhandled runtime error',
        branches: sorted.map(({ branch }) => branch),
        truncated: this.#truncated,
      }),
    )
  }
}
