import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Document, Scalar } from 'yaml'
import { parseWorkflow } from '../parse.ts'

const seed = Number(process.env['FAST_CHECK_SEED'] ?? 20261121)
const numRuns = Number(process.env['FAST_CHECK_RUNS'] ?? 500)

const styles = [
  Scalar.PLAIN,
  Scalar.QUOTE_SINGLE,
  Scalar.QUOTE_DOUBLE,
  Scalar.BLOCK_LITERAL,
  Scalar.BLOCK_FOLDED,
] as const
const piece = fc.constantFrom(
  'x',
  ' ',
  '\n',
  '\n\n',
  '\t',
  '\n  ',
  '+',
  '"a b"',
  `"it's"`,
  '"\\\\"',
  '"\u{1f600}"',
  'long_name_of_a_variable',
)
const pieces = fc.array(piece, { maxLength: 12 }).map((parts) => parts.join(''))

test(`the place of what is malformed, in every style of scalar (seed ${seed})`, () => {
  const found = new Set<string>()
  fc.assert(
    fc.property(
      fc.constantFrom(...styles),
      fc.constantFrom(0, 20),
      pieces,
      pieces,
      (style, lineWidth, before, after) => {
        const scalar = new Scalar(`\${x +${before} ? ${after}}`)
        scalar.type = style
        const source = new Document([{ step: { return: scalar } }]).toString({ lineWidth })
        const { problems } = parseWorkflow(source)
        const problem = problems.find(({ message }) => message.endsWith('unexpected character "?"'))
        // Most are malformed at the question mark first, since tokens are read before anything else.
        if (problem === undefined) return
        const { line = 0, column = 0 } = problem.position ?? {}
        expect({ source, character: source.split('\n')[line - 1]?.[column - 1] }).toEqual({
          source,
          character: '?',
        })
        found.add(`${style}${line > 2 ? ' further down' : ''}`)
      },
    ),
    { seed, numRuns },
  )
  for (const style of styles) expect([...found]).toContain(`${style} further down`)
})
