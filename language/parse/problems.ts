import type { Position } from '../position.ts'
import type { Problem, SyntaxProblemCode } from '../problem.ts'

/** Beyond this a source is not worth more reports. */
const maxProblems = 100
const maxMessage = 400

/** Collects the problems of one source. */
export class Problems {
  readonly list: Problem[] = []
  readonly #file: string | undefined

  constructor(file: string | undefined) {
    this.#file = file
  }

  add(code: SyntaxProblemCode, message: string, position: Position): void {
    if (this.list.length >= maxProblems) return
    const last = this.list.at(-1)
    const short = message.length > maxMessage ? `${message.slice(0, maxMessage)}…` : message
    if (
      last?.message === short &&
      last.position?.line === position.line &&
      last.position.column === position.column
    )
      return
    this.list.push({ code, message: short, position, ...(this.#file !== undefined && { file: this.#file }) })
  }
}
