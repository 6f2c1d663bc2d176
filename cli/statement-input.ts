import { parseScript } from '../sql/parser/statement.ts'
import { lex } from '../sql/lexer.ts'
import { SqlProblem } from '../sql/problem.ts'
import type { Statement } from '../sql/syntax.ts'

/**
 * Whether a request typed so far can be sent: it ends in a semicolon that is not within a string, a comment or a
 * block. What is wrong before its end is complete too: the service says so better.
 */
export function isComplete(text: string): boolean {
  try {
    const last = lex(text).findLast((token) => token.kind !== 'end')
    if (last?.word !== ';') return false
    parseScript(text)
    return true
  } catch (error) {
    if (!(error instanceof SqlProblem)) throw error
    const unclosed =
      /Unclosed comment/.test(error.message) ||
      (/Unclosed string/.test(error.message) && /^[rb]{0,2}('''|""")/i.test(text.slice(error.at)))
    return !unclosed && !error.message.endsWith('end of script')
  }
}

/** Statements that need the ones before them in the same request. */
const together: ReadonlySet<Statement['kind']> = new Set([
  'declare',
  'set',
  'setSystem',
  'if',
  'case',
  'block',
  'transaction',
  'raise',
  'return',
])

/** The requests of a text: its statements one by one, unless they make a script. */
export function requestsOf(text: string): string[] {
  let statements: Statement[]
  try {
    statements = parseScript(text)
  } catch {
    return [text]
  }
  const script = statements.some(
    (statement) => together.has(statement.kind) || ('temporary' in statement && statement.temporary),
  )
  return script ? [text] : statements.map(({ at, end }) => text.slice(at, end))
}
