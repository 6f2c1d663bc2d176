import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseDocument } from 'yaml'
import { arbitraryDocument } from '../test/cases/language/arbitrary-document.ts'
import { essence } from '../test/cases/language/essence.ts'
import { parseWorkflow } from './parse.ts'
import { printWorkflow } from './print.ts'
import { validateWorkflow } from './validate.ts'
import type { WorkflowDocument } from './syntax.ts'

const seed = Number(process.env['FAST_CHECK_SEED'] ?? 20261120)
const numRuns = Number(process.env['FAST_CHECK_RUNS'] ?? 40)
// More runs by the environment take their time.
const timeout = 30_000 + 30 * numRuns

test(`printed documents parse to the same tree (seed ${seed})`, { timeout }, () => {
  fc.assert(
    fc.property(arbitraryDocument, (tree) => {
      const yaml = printWorkflow(tree)
      const { document: parsed, problems } = parseWorkflow(yaml)
      expect({ yaml, problems, tree: essence(parsed) }).toEqual({ yaml, problems: [], tree: essence(tree) })
      expect(parsed && printWorkflow(parsed)).toBe(printWorkflow(withoutComments(tree)))
    }),
    { seed, numRuns },
  )
})

function withoutComments({ kind, subworkflows }: WorkflowDocument): WorkflowDocument {
  const bare = subworkflows.map((subworkflow) => {
    const { name, params, steps } = subworkflow
    return { kind: subworkflow.kind, name, params, steps }
  })
  return { kind, subworkflows: bare }
}

test(`printed documents mean the same under YAML 1.1 and 1.2 (seed ${seed})`, { timeout }, () => {
  fc.assert(
    fc.property(arbitraryDocument, (tree) => {
      const yaml = printWorkflow(tree)
      const [old, current] = (['1.1', '1.2'] as const).map((version) => {
        const parsed = parseDocument(yaml, { version, intAsBigInt: true, uniqueKeys: false, merge: false })
        expect(parsed.errors).toEqual([])
        return parsed.toJS({ mapAsMap: true }) as unknown
      })
      expect(old).toEqual(current)
    }),
    { seed, numRuns },
  )
})

test(`mutated sources end in a document or in problems with places (seed ${seed})`, { timeout }, () => {
  const fragments = [
    ...Array.from('-:[]{}&*!|>#\'"%@`,?\n\t $'),
    '${',
    '  ',
    '*a',
    '&a ',
    '\n- ',
    'next: ',
    '<<: ',
    '\u0000',
    '\ufeff',
  ]
  const mutation = fc.record({ at: fc.nat(), remove: fc.nat(12), insert: fc.constantFrom('', ...fragments) })
  fc.assert(
    fc.property(arbitraryDocument, fc.array(mutation, { minLength: 1, maxLength: 4 }), (tree, mutations) => {
      let yaml = printWorkflow(tree)
      for (const { at, remove, insert } of mutations) {
        const start = at % (yaml.length + 1)
        yaml = yaml.slice(0, start) + insert + yaml.slice(start + remove)
      }
      const { document: parsed, problems } = parseWorkflow(yaml, 'mutated.yaml')
      expect(parsed === null).toBe(problems.length > 0)
      if (parsed !== null) validateWorkflow(parsed, yaml.length)
      for (const problem of problems) {
        expect(problem.position?.line).toBeGreaterThan(0)
        expect(problem.position?.column).toBeGreaterThan(0)
        expect(problem.file).toBe('mutated.yaml')
      }
    }),
    { seed, numRuns: numRuns * 2 },
  )
})

test(`noise ends in a document or in problems (seed ${seed})`, { timeout }, () => {
  const words = [
    '- ',
    'a: ',
    '{',
    '}',
    '[',
    ']',
    ',',
    '\n',
    '\n  ',
    '\n- ',
    "'",
    '"',
    '#',
    '&a ',
    '*a',
    '${',
    '|',
    '>',
    '!',
    '? ',
  ]
  const names = [
    'main',
    'steps',
    'params',
    'assign',
    'call',
    'switch',
    'for',
    'parallel',
    'try',
    'return',
    'next',
  ]
  const part = fc.oneof(
    fc.constantFrom(...words),
    fc.constantFrom(...names),
    fc.string({ maxLength: 3, unit: 'binary' }),
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 60 }), (parts) => {
      const { document: parsed, problems } = parseWorkflow(parts.join(''))
      expect(parsed === null).toBe(problems.length > 0)
    }),
    { seed, numRuns: numRuns * 5 },
  )
})

test.each([
  ['lists', '['.repeat(60_000)],
  ['closed lists', '['.repeat(600) + ']'.repeat(600)],
  ['maps', '{a: '.repeat(30_000)],
  ['blocks', '- '.repeat(60_000)],
  ['explicit keys', '? '.repeat(60_000)],
  ['steps', `${'[{s: {steps: '.repeat(120)}[{s: {return: 1}}]${'}}]'.repeat(120)}`],
  ['steps, too many', `${'[{s: {steps: '.repeat(200)}[{s: {return: 1}}]${'}}]'.repeat(200)}`],
  ['parentheses', `- s: {return: '\${${'('.repeat(499)}1${')'.repeat(499)}}'}`],
  ['minuses', `- s: {return: '\${${'-'.repeat(998)}(1)}'}`],
  ['indexes', `- s: {return: '\${${'a['.repeat(330)}a${']'.repeat(330)}}'}`],
  ['sums', `- s: {return: '\${${'1+'.repeat(499)}1}'}`],
  ['keys', Array.from({ length: 20_000 }, (_, index) => `k${index}: 1`).join('\n')],
  [
    'anchors',
    Array.from({ length: 5000 }, (_, index) => `k${index}: &a${index} 1\nl${index}: *a${index}`).join('\n'),
  ],
  ['line breaks', '\n'.repeat(100_000)],
  ['comments', '#\n'.repeat(50_000)],
  ['quotes', `- "${'\n'.repeat(100_000)}`],
  ['escapes', `- "${String.raw`\x`.repeat(50_000)}"`],
  ['tags', '!a '.repeat(30_000)],
  ['directives', '%\n'.repeat(50_000)],
  ['more than is read', 'a'.repeat(3_200_000)],
  ['more than is read, indented', '  aaa\n'.repeat(900_000)],
  ['nothing but indentation', ' '.repeat(34_000_000)],
])('hostile sources end soon: %s', (_, source) => {
  const start = performance.now()
  const { document, problems } = parseWorkflow(source)
  expect(document === null || printWorkflow(document).startsWith('main:')).toBe(true)
  expect(document === null).toBe(problems.length > 0)
  expect(problems.every(({ message }) => message.length < 500)).toBe(true)
  expect(performance.now() - start).toBeLessThan(5000)
})
