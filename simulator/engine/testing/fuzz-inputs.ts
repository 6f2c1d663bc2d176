import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { libraryFunctions } from '../../../language/index.ts'
import { seededRandom, seedFromText, type Random } from '../random.ts'

/** What one turn of the fuzzer feeds to the parser and, where it can be deployed, to the engine. */
export interface FuzzInput {
  readonly kind: 'bytes' | 'text' | 'document' | 'expression' | 'argument'
  readonly source: string
  /** JSON text. */
  readonly argument: string
  readonly detailed: boolean
  readonly seed: number
}

/** What inputs are made of: the sources and expressions of all case tables. */
export interface Corpus {
  readonly sources: readonly string[]
  readonly expressions: readonly string[]
  readonly documents: readonly unknown[]
  /** Every part of every source, by its kind: what is exchanged is mostly something that could stand there. */
  readonly parts: ReadonlyMap<string, readonly unknown[]>
}

/** Reads `test/cases` of the repository. */
export function readCorpus(root: string): Corpus {
  const rows = ['engine', 'language', 'connectors'].flatMap((folder) =>
    readdirSync(join(root, 'test/cases', folder))
      .filter((name) => name.endsWith('.yaml'))
      .flatMap((name) => {
        const text = readFileSync(join(root, 'test/cases', folder, name), 'utf8')
        return parse(text) as readonly { readonly source?: string; readonly expr?: string }[]
      }),
  )
  const sources = rows.flatMap(({ source }) => (typeof source === 'string' ? [source] : []))
  const documents = sources.flatMap(parsed)
  const parts = new Map<string, unknown[]>()
  for (const part of documents.flatMap((document) => [...partsOf(document)])) {
    const kind = kindOf(part)
    const known = parts.get(kind)
    if (known === undefined) parts.set(kind, [part])
    else known.push(part)
  }
  const expressions = rows.flatMap(({ expr }) => (typeof expr === 'string' ? [expr] : []))
  return { sources, expressions, documents, parts }
}

/** The input of one turn; the same for the same seed, turn and case tables. */
export function fuzzInput(corpus: Corpus, seed: number, turn: number): FuzzInput {
  const random = seededRandom(seedFromText(`${seed} ${turn}`))
  const kind = pick(random, kinds)
  return {
    kind,
    source: sourceOf(kind, corpus, random),
    argument: random.below(3) === 0 ? 'null' : JSON.stringify(value(random, 3)),
    detailed: random.below(4) === 0,
    seed: random.below(1000),
  }
}

const kinds = [
  ...repeat('bytes', 1),
  ...repeat('text', 3),
  ...repeat('document', 8),
  ...repeat('expression', 6),
  ...repeat('argument', 2),
]

function repeat<T extends FuzzInput['kind']>(kind: T, times: number): readonly T[] {
  return Array.from({ length: times }, () => kind)
}

function sourceOf(kind: FuzzInput['kind'], corpus: Corpus, random: Random): string {
  switch (kind) {
    case 'bytes':
      return Buffer.from(Array.from({ length: random.below(400) }, () => random.below(256))).toString('utf8')
    case 'text':
      return editedText(pick(random, corpus.sources), random)
    case 'document':
      return written(mutant(corpus, random), random)
    case 'expression':
      return expressionSource(random.below(4) === 0 ? soup(corpus, random) : expression(random, 4))
    case 'argument':
      return pick(random, corpus.sources)
  }
}

/** A few characters replaced, doubled, removed or exchanged for what means something in YAML or an expression. */
function editedText(source: string, random: Random): string {
  let text = source
  for (let changes = 1 + random.below(4); changes > 0; changes -= 1) {
    const at = random.below(text.length + 1)
    const length = random.below(3) === 0 ? random.below(40) : random.below(3)
    const put = [
      () => '',
      () => pick(random, marks),
      () => text.slice(at, at + length).repeat(2 + random.below(3)),
      () => String.fromCodePoint(random.below(0x11_0000)),
    ]
    text = `${text.slice(0, at)}${pick(random, put)()}${text.slice(at + length)}`
  }
  return text
}

const marks = [
  ...'${ } - [ ] { } " \' &a *a !!str # ? --- ... % @ << 0x .inf'.split(' '),
  ': ',
  '\n',
  '  ',
  '|\n',
  '\t',
  '\u0000',
  '\uFEFF',
  '9'.repeat(30),
]

/** A source with a few of its parts exchanged for parts of others. */
function mutant(corpus: Corpus, random: Random): unknown {
  let document = pick(random, corpus.documents)
  for (let changes = 1 + random.below(3); changes > 0; changes -= 1) {
    const place = pick(random, [...partsOf(document)])
    const like =
      random.below(8) === 0
        ? pick(random, [...corpus.parts.values()])
        : (corpus.parts.get(kindOf(place)) ?? [null])
    const put = random.below(10) === 0 ? value(random, 2) : pick(random, like)
    document = exchange(document, place, put)
  }
  return document
}

function written(document: unknown, random: Random): string {
  return random.below(2) === 0 ? JSON.stringify(document) : stringify(document)
}

function* partsOf(part: unknown): Generator {
  yield part
  if (typeof part === 'object' && part !== null)
    for (const inner of Object.values(part)) yield* partsOf(inner)
}

/** Maps by their first key, so that steps are exchanged for steps; texts by whether they are expressions. */
function kindOf(part: unknown): string {
  if (Array.isArray(part)) return `list of ${kindOf(part[0])}`
  if (typeof part === 'object' && part !== null) return Object.keys(part)[0] ?? 'map'
  return typeof part === 'string' ? `text ${part.startsWith('${')}` : typeof part
}

function exchange(part: unknown, place: unknown, put: unknown): unknown {
  if (part === place) return put
  if (Array.isArray(part)) return part.map((inner) => exchange(inner, place, put))
  if (typeof part !== 'object' || part === null) return part
  return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, exchange(inner, place, put)]))
}

function parsed(source: string): readonly unknown[] {
  try {
    // Without what refers to itself: JSON refuses it.
    const document = JSON.parse(JSON.stringify(parse(source, { logLevel: 'error' }))) as unknown
    return typeof document === 'object' && document !== null ? [document] : []
  } catch {
    return []
  }
}

/** The expression in a source that gives it one variable of each type. */
function expressionSource(text: string): string {
  const assign = [
    { i: 7 },
    { d: 2.5 },
    { s: 'a-b' },
    { n: null },
    { t: true },
    { l: [1, [2, 'x']] },
    { m: { a: { b: 1 } } },
  ]
  return JSON.stringify({
    main: { params: ['args'], steps: [{ init: { assign } }, { give: { return: `\${${text}}` } }] },
  })
}

const names = ['i', 'd', 's', 'n', 't', 'l', 'm', 'args']
const operators = [
  '+',
  '-',
  '*',
  '/',
  '//',
  '%',
  '==',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'and',
  'or',
  'in',
  'AND',
  'not in',
]
const literals = [
  ...'0 1 -1 9223372036854775807 9223372036854775808 1e308 1e999 0.1 .5 5. null true False "" "x"'.split(' '),
  ...'"\\u0000" "\\ud800" [] [1,2] {} {"a":1} "${" "}"'.split(' '),
  "'x'",
]
const functions = [...libraryFunctions.keys()]

/** Grammatical, mostly of the wrong types. */
function expression(random: Random, depth: number): string {
  const inner = () => expression(random, depth - 1)
  if (depth === 0) return random.below(2) === 0 ? pick(random, literals) : pick(random, names)
  switch (random.below(9)) {
    case 0:
      return pick(random, literals)
    case 1:
      return pick(random, names)
    case 2:
    case 3:
      return `${inner()} ${pick(random, operators)} ${inner()}`
    case 4:
      return `(${inner()})`
    case 5:
      return `${pick(random, ['-', 'not ', '+'])}${inner()}`
    case 6:
      return `${pick(random, names)}${random.below(2) === 0 ? `[${inner()}]` : `.${pick(random, [...names, 'a', '__proto__', 'constructor'])}`}`
    case 7:
      return `[${Array.from({ length: random.below(4) }, inner).join(', ')}]`
    default:
      return `${pick(random, functions)}(${Array.from({ length: random.below(4) }, inner).join(', ')})`
  }
}

/** Pieces of expressions in no order. */
function soup(corpus: Corpus, random: Random): string {
  const pieces = [
    ...operators,
    ...literals,
    ...names,
    '(',
    ')',
    '[',
    ']',
    '.',
    ',',
    '$',
    '\\',
    '{',
    '}',
    '"',
    'ß',
    '🙂',
  ]
  return Array.from({ length: 1 + random.below(12) }, () =>
    random.below(4) === 0 ? pick(random, corpus.expressions) : pick(random, pieces),
  ).join(pick(random, ['', ' ']))
}

/** A JSON value, its depth bounded. */
function value(random: Random, depth: number): unknown {
  const inner = () => value(random, depth - 1)
  switch (random.below(depth === 0 ? 5 : 7)) {
    case 0:
      return null
    case 1:
      return random.below(2) === 0
    case 2:
      return random.below(100) - 50
    case 3:
      return pick(random, [0.5, 1e308, -0, 2 ** 53, 1e-7])
    case 4:
      return pick(random, [
        '',
        'a',
        'text',
        '${1}',
        '🙂'.repeat(random.below(9)),
        'x'.repeat(random.below(3000)),
      ])
    case 5:
      return Array.from({ length: random.below(5) }, inner)
    default:
      return Object.fromEntries(
        Array.from({ length: random.below(5) }, () => [
          pick(random, ['a', 'b', '__proto__', 'items', '']),
          inner(),
        ]),
      )
  }
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.below(items.length)]!
}
