import { styleText } from 'node:util'
import { exit } from './command.ts'

export interface Failure {
  readonly text: string
  readonly exitCode: number
}

/** What to print for an error: code, message, place and way out. Only a defect of ours shows a stack. */
export async function describeFailure(error: unknown, color = false): Promise<Failure> {
  if (!(error instanceof Error)) return { text: String(error), exitCode: exit.userError }
  if (error.name === 'DagError' || error.name === 'DagProblems') {
    const [{ isDagError }, { problemText }] = await Promise.all([
      import('../dsl/errors/index.ts'),
      import('./problem-text.ts'),
    ])
    const problems: readonly unknown[] =
      'problems' in error && Array.isArray(error.problems) ? error.problems : [error]
    return { text: problemText(problems.filter(isDagError), { color }), exitCode: exit.userError }
  }
  if (error.name === 'UserError') return { text: render(error, color), exitCode: exit.userError }
  const { outsideError } = await import('./outside-error.ts')
  const outside = outsideError(error)
  if (outside !== null) return { text: render(outside, color), exitCode: exit.userError }
  const stack = error.stack ?? error.message
  return { text: `dag: internal error, please report it\n${stack}`, exitCode: exit.userError }
}

interface Placed extends Error {
  readonly code?: unknown
  readonly place?: string | undefined
  readonly hint?: string | undefined
}

/** The same shape as a compile error's: what, where, how to fix it. */
function render({ code, message, place, hint }: Placed, color: boolean): string {
  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    color ? styleText(style, text, { validateStream: false }) : text
  const known = typeof code === 'string' && code.startsWith('DAG') ? code : null
  const more = known === null ? '' : ` ${paint('dim', `(dag explain ${known})`)}`
  const [head = '', ...rest] = message.split('\n')
  const hints = hint === undefined ? [] : hint.split('\n')
  return [
    `${paint(['bold', 'red'], known ?? 'error:')} ${head}`,
    ...rest.map((line) => `       ${line}`),
    ...(place === undefined ? [] : [`  ${paint('dim', 'at')} ${place}`]),
    ...hints.map(
      (line, index) =>
        `  ${index === 0 ? `${paint('green', 'fix:')} ` : '     '}${line}${index === hints.length - 1 ? more : ''}`,
    ),
    ...(hints.length === 0 && known !== null ? [`  ${paint('green', 'fix:')} dag explain ${known}`] : []),
  ].join('\n')
}
