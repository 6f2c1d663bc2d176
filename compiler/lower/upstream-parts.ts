import { resultName } from '../names.ts'
import { longestExpression } from './expression-text.ts'
import { quoted } from './value.ts'

/** What an upstream text says of one task: an expression, and what is assigned before it. */
export interface UpstreamPart {
  readonly text: string
  readonly before: readonly Assignment[]
}

type Assignment = readonly [variable: string, expression: string]

/** A task directly above another. */
export interface Source {
  readonly id: string
  /** Several instances of it stand above. */
  readonly isRepeated: boolean
  /** Whether it may exclude the other: by a case of a branch, or as a short circuit. */
  readonly excludes: 'branch' | 'gate' | null
  /** When its failure comes too late to be seen; undefined where it never does. */
  readonly late: LateSign | undefined
}

/** Tests one of which holds where a failure comes too late to be seen, each a list of expressions that all hold. */
export interface LateSign {
  readonly failed: readonly (readonly string[])[]
  readonly upstreamFailed: readonly (readonly string[])[]
  /** Of variables that the tests may need. */
  readonly name: string
}

/** `=` before a state that the task's rule looks at, `:` before one that it needs, `<` before that of a teardown's list. */
type Sign = '=' | ':' | '<'

/** What a task is told of one directly above it. */
export function directPart({ id, isRepeated, excludes, late }: Source, task: string): UpstreamPart {
  const result = resultName(id)
  if (isRepeated) return instancesPart(allParts(id), '=', late)
  if (excludes === null) return statePart(id, '=', late)
  const key = excludes === 'branch' ? `["for", ${quoted(task)}]` : '"verdict"'
  return statePart(id, '=', late, `default(map.get(${result}, ${key}), ${result}.state)`)
}

/** Of a setup: of one that was expanded, all instances count. */
export function setupPart({ id, isRepeated, late }: Omit<Source, 'excludes'>): UpstreamPart {
  if (!isRepeated) return statePart(id, ':', late)
  return instancesPart(`text.replace_all(${allParts(id)}, "=", ":")`, ':', late)
}

/** Of a task that gives a list: of a mapped one it matters only whether it was expanded, since gaps are kept. */
export function supplierPart(
  { id, isRepeated, late }: Omit<Source, 'excludes'>,
  sign: ':' | '<',
): UpstreamPart {
  const result = resultName(id)
  return isRepeated
    ? statePart(id, sign, late, `if("parts" in ${result}, "expanded", ${result}.state)`)
    : statePart(id, sign, late)
}

function statePart(
  id: string,
  sign: Sign,
  late: LateSign | undefined,
  state = `${resultName(id)}.state`,
): UpstreamPart {
  if (late === undefined) return { text: `${quoted(`${id}${sign}`)} + ${state}`, before: [] }
  const own = `${resultName(id)}.state`
  const { test, before } = named(
    [
      ...late.failed.map((facts) => [`${own} == "failed"`, ...facts]),
      ...late.upstreamFailed.map((facts) => [`${own} == "upstream_failed"`, ...facts]),
    ],
    `${late.name}${sign === ':' ? '_needed' : ''}`,
  )
  return { text: `${quoted(id)} + if(${test}, ">", "${sign}") + ${state}`, before }
}

/** The same in the parts of many instances. */
function instancesPart(parts: string, sign: Sign, late: LateSign | undefined): UpstreamPart {
  if (late === undefined) return { text: parts, before: [] }
  const name = `${late.name}${sign === ':' ? '_needed' : ''}`
  const states = [
    ['failed', late.failed],
    ['upstream_failed', late.upstreamFailed],
  ] as const
  const marks = states.flatMap(([state, alternatives]) => {
    if (alternatives.length === 0) return []
    const { test, before } = named(alternatives, `${name}_${state}`)
    const mark = `if(${test}, ">", "${sign}") + "${state}"`
    return [...before, [name, `text.replace_all(${name}, "${sign}${state}", ${mark})`] as const]
  })
  return { text: name, before: [[name, parts], ...marks] }
}

/** One part per state that instances ended in; the state of the whole where there are no instances. */
export function allParts(id: string): string {
  const result = resultName(id)
  return `default(map.get(${result}, "parts"), ${quoted(`${id}=`)} + ${result}.state)`
}

/** How long a test may be, so that what it stands in fits one expression however long names are. */
const longestTest = 110

/** A short test as it is, a longer one as a variable that is put together piece by piece. */
function named(alternatives: LateSign['failed'], variable: string) {
  const tests = alternatives.map((facts) => facts.join(' and '))
  const [first = ''] = tests
  if (tests.length === 1 && first.length <= longestTest) return { test: first, before: [] }
  const longest = longestExpression - `${variable} or `.length
  const both = `${variable}_and`
  const before = alternatives.flatMap((facts, index): readonly Assignment[] => {
    const isShort = tests[index]!.length <= longest
    const test = isShort ? tests[index]! : both
    return [
      ...(isShort ? [] : inPieces(facts, both)),
      [variable, index === 0 ? test : `${variable} or ${test}`],
    ]
  })
  return { test: variable, before: merged(before, variable) }
}

/** As few expressions as hold all tests, each after the first beginning with the variable. */
function inPieces(tests: readonly string[], variable: string): readonly Assignment[] {
  const pieces: Assignment[] = []
  for (const test of tests) {
    const [, last] = pieces.at(-1) ?? []
    const longer = `${last} and ${test}`
    if (last === undefined) pieces.push([variable, test])
    else if (longer.length <= longestExpression) pieces[pieces.length - 1] = [variable, longer]
    else pieces.push([variable, `${variable} and ${test}`])
  }
  return pieces
}

/** Assignments of one variable that stand side by side, as few as hold their tests. */
function merged(assignments: readonly Assignment[], variable: string): readonly Assignment[] {
  const pieces: Assignment[] = []
  for (const [name, test] of assignments) {
    const [lastName, lastTest] = pieces.at(-1) ?? []
    const longer = `${lastTest}${test.slice(variable.length)}`
    const fits = name === variable && lastName === variable && longer.length <= longestExpression
    if (fits) pieces[pieces.length - 1] = [variable, longer]
    else pieces.push([name, test])
  }
  return pieces
}
