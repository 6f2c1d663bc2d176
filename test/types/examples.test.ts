import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'

/**
 * The examples in the documentation of `dagwright`, type-checked as an author's code would be. Contracts and models that
 * an example only mentions may be anything; what it calls is what it documents.
 */
const root = resolve(import.meta.dirname, '../..')
const folder = mkdtempSync(join(root, 'test/types/.examples-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Example {
  /** `dsl/zip.ts:21` */
  readonly place: string
  readonly code: string
}

const sources = readdirSync(join(root, 'dsl'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('errors'))
  .toSorted()
const examples = sources.flatMap((file) => examplesOf(join('dsl', file)))

/** Steps that examples run; what they take and give is as the examples have it. */
const steps =
  'closeBooks copy fetchDay fetchList fetchPage fetchSales load loadAll loadDay loadNew loadSales publishPrices summarise tell'
/** Models, references and definitions that examples mention. */
const others = 'full list prices raw rawSales sale sales salesByDay stock there users'

let mistakes: readonly string[] = []
beforeAll(() => {
  mistakes = check()
}, 60_000)

it('finds examples', () => {
  expect(examples.length).toBeGreaterThan(15)
})

it.each(examples)('$place compiles', ({ place }) => {
  const name = fileOf(place)
  expect(mistakes.filter((line) => line.includes(name))).toEqual([])
})

function examplesOf(file: string): readonly Example[] {
  const lines = readFileSync(join(root, file), 'utf8').split('\n')
  return lines.flatMap((line, index) => {
    if (!/^\s*\* @example$/.test(line)) return []
    const rest = lines.slice(index + 1)
    const end = rest.findIndex((next) => /^\s*\*\/|^\s*\* @/.test(next))
    const code = rest.slice(0, end).map((next) => next.replace(/^\s*\* ?/, ''))
    return [{ place: `${relative(root, join(root, file))}:${index + 1}`, code: code.join('\n') }]
  })
}

function fileOf(place: string): string {
  return `${place.replaceAll(/[^A-Za-z0-9]/g, '_')}.ts`
}

/** What the type checker says, line by line. */
function check(): readonly string[] {
  const lists = readFileSync(join(root, 'dsl/index.ts'), 'utf8').matchAll(/^export \{([^}]*)\}/gms)
  const api = [...lists]
    .flatMap(([, list = '']) => list.split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type '))
  for (const { place, code } of examples) writeFileSync(join(folder, fileOf(place)), moduleOf(code, api))
  const compilerOptions = { noEmit: true, noUnusedLocals: false, noUnusedParameters: false }
  const config = { extends: '../../../tsconfig.json', compilerOptions, include: ['./*.ts'], exclude: [] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  try {
    execFileSync(join(root, 'node_modules/.bin/tsc'), ['-p', folder], { encoding: 'utf8', timeout: 50_000 })
    return []
  } catch (error) {
    const { stdout } = error as { readonly stdout?: string }
    if (!stdout) throw error
    return stdout.split('\n')
  }
}

function moduleOf(code: string, api: readonly string[]): string {
  const body = code.replaceAll(/^import .*$/gm, '').replaceAll(/^export default /gm, '')
  const own = new Set([...body.matchAll(/\b(?:const|let) (\w+)/g)].map(([, name]) => name))
  const stand = (names: string, type: string) =>
    names.split(' ').flatMap((name) => (own.has(name) ? [] : [`declare const ${name}: ${type}`]))
  return [
    `import { ${api.join(', ')}, type DagContext, type Model, type StepContract } from 'dagwright'`,
    "type Params = z.ZodObject<{ region: z.ZodString; mode: z.ZodEnum<{ full: 'full'; delta: 'delta' }> }>",
    'type Step = StepContract & { input: z.ZodObject<Record<string, z.ZodAny>>; output: z.ZodObject<{',
    '  objects: z.ZodArray<z.ZodString>; pages: z.ZodArray<z.ZodInt>; count: z.ZodInt }> }',
    ...stand(steps, 'Step'),
    ...stand(others, 'any'),
    ...stand('rawList', "Model<'object' | 'day'>"),
    ...stand('truEntry', "Model<'entry_id' | 'media_id' | 'status' | 'active' | 'reference_date'>"),
    'export function example(context: DagContext<Params>) {',
    'const { run, params, task, build, map, mapGroup, http, sensor, approval, trigger } = context',
    'const { branch, shortCircuit, empty, group } = context',
    body,
    '}',
  ].join('\n')
}
