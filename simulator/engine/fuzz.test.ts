import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { parseWorkflow, validateWorkflow } from '../../language/index.ts'
import { CompileError, compileWorkflow } from './index.ts'
import { seededRandom } from './random.ts'
import { testHost } from './testing/host.ts'

const FOLDER = new URL('../../test/cases/engine/', import.meta.url)
const SEED = Number(process.env['FUZZ_SEED'] ?? 20_250_204)
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 400)

const sources = ['steps', 'parallel', 'errors'].flatMap((name) => {
  const rows = parse(readFileSync(new URL(`${name}.yaml`, FOLDER), 'utf8')) as readonly { source?: string }[]
  return rows.flatMap(({ source }) => (source === undefined ? [] : [source]))
})

const documents = sources.map((source) => parse(source) as unknown)

/** Every part of every source, by its kind: what is exchanged is mostly something that could stand there. */
const parts = new Map<string, unknown[]>()
for (const part of documents.flatMap((document) => [...partsOf(document)])) {
  const kind = kindOf(part)
  parts.set(kind, [...(parts.get(kind) ?? []), part])
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

const random = seededRandom(SEED)
const any = <T>(items: readonly T[]): T => items[random.below(items.length)]!

/** A source with a few of its parts exchanged for parts of others. */
function mutant(): string {
  let document = any(documents)
  for (let changes = 1 + random.below(3); changes > 0; changes -= 1) {
    const place = any([...partsOf(document)])
    const put = random.below(8) === 0 ? any([...parts.values()]) : (parts.get(kindOf(place)) ?? [null])
    document = exchange(document, place, any(put))
  }
  return JSON.stringify(document)
}

function exchange(part: unknown, place: unknown, put: unknown): unknown {
  if (part === place) return put
  if (Array.isArray(part)) return part.map((inner) => exchange(inner, place, put))
  if (typeof part !== 'object' || part === null) return part
  return Object.fromEntries(Object.entries(part).map(([key, inner]) => [key, exchange(inner, place, put)]))
}

/** What became of a mutant, or an error that nobody may ever see. */
async function fate(source: string): Promise<string> {
  const { document } = parseWorkflow(source)
  if (document === null) return 'no document'
  const refused = validateWorkflow(document, source.length).length > 0
  let workflow: ReturnType<typeof compileWorkflow>
  try {
    workflow = compileWorkflow(document)
  } catch (error) {
    // What can be deployed has to compile.
    if (error instanceof CompileError && refused) return 'does not compile'
    throw error
  }
  const host = testHost({ connectors: { 'googleapis.test.v1.run': async () => null } })
  let open = 0
  const history = { started: () => void (open += 1), ended: () => void (open -= 1) }
  const { state } = await workflow.execute({ host, argument: null, history }).outcome
  expect(open, 'entries left open').toBe(0)
  return refused ? 'ran, though refused' : state
}

test(`mutated sources end, one way or the other (FUZZ_SEED=${SEED})`, async () => {
  const fates = new Map<string, number>()
  for (let run = 0; run < RUNS; run += 1) {
    const source = mutant()
    const result = await fate(source).catch((error: unknown) => {
      throw new Error(`seed ${SEED}, run ${run}:\n${source}`, { cause: error })
    })
    fates.set(result, (fates.get(result) ?? 0) + 1)
  }
  expect(fates.get('SUCCEEDED')).toBeGreaterThan(0)
  expect(fates.get('FAILED')).toBeGreaterThan(0)
})
