import type { Position } from '../../language/position.ts'

/** A source that the engine cannot run; `validate` of the language finds these, and more, with all positions. */
export class CompileError extends Error {
  override readonly name = 'CompileError'
  readonly position: Position | null

  constructor(message: string, position: Position | null = null) {
    super(message)
    this.position = position
  }
}
