/** A refusal while reading SQL: what is wrong and where (offset into the statement's text). */
export class SqlProblem extends Error {
  readonly at: number
  readonly kind: 'invalid' | 'unsupported' | 'notFound'

  constructor(kind: SqlProblem['kind'], at: number, message: string) {
    super(message)
    this.name = 'SqlProblem'
    this.kind = kind
    this.at = at
  }
}

/** What BigQuery itself refuses. */
export function invalid(at: number, message: string): SqlProblem {
  return new SqlProblem('invalid', at, message)
}

/** What BigQuery accepts and the local warehouse does not. */
export function unsupported(at: number, what: string): SqlProblem {
  return new SqlProblem('unsupported', at, what)
}

export function notFound(at: number, message: string): SqlProblem {
  return new SqlProblem('notFound', at, message)
}

/** Line and column, both from 1. */
export function lineAndColumn(source: string, at: number): { line: number; column: number } {
  const before = source.slice(0, at)
  const line = before.split('\n').length
  return { line, column: at - (before.lastIndexOf('\n') + 1) + 1 }
}
