import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'

/** Which rooms a room may import from (docs/architecture.md); own room and packages are always allowed. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  language: [],
  artifact: [],
  loading: [],
  dsl: ['sql'],
  sql: [],
  steps: [],
  samples: [],
  examples: [],
  compiler: ['dsl', 'language', 'artifact', 'loading', 'sql'],
  'simulator/engine': ['simulator/stdlib', 'simulator/clock', 'language'],
  'simulator/stdlib': ['simulator/engine', 'simulator/clock', 'language'],
  'simulator/connectors': ['simulator/engine', 'simulator/cloud/request', 'simulator/clock'],
  'simulator/warehouse': ['sql'],
  'simulator/cloud': [
    'simulator/engine',
    'simulator/connectors',
    'simulator/warehouse',
    'simulator/clock',
    'language',
  ],
  'simulator/clock': [],
  simulator: [
    'simulator/engine',
    'simulator/connectors',
    'simulator/cloud',
    'simulator/warehouse',
    'simulator/clock',
    'language',
  ],
  probes: ['simulator/engine'],
  deploy: ['artifact', 'language', 'loading'],
  history: ['artifact', 'language'],
  testing: ['dsl', 'compiler', 'simulator', 'history', 'deploy', 'steps/runtime', 'artifact'],
}

const root = resolve(import.meta.dirname, '..')

/** Rooms that may import anything below them. */
const free = new Set(['cli', 'test', 'bench', 'scripts'])

function roomOf(file: string): string {
  const path = file.replace(/\.ts$/, '')
  const rooms = Object.keys(allowed).toSorted((a, b) => b.length - a.length)
  const named = rooms.find(
    (room) => path === room || path.startsWith(`${room}/`) || path.startsWith(`${room}-`),
  )
  return named ?? path.split('/')[0] ?? path
}

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return sources(path)
    return entry.name.endsWith('.ts') && !/\.test(-d)?\.ts$/.test(entry.name) ? [path] : []
  })
}

interface Edge {
  readonly from: string
  readonly to: string
}

function edges(file: string): Edge[] {
  const text = readFileSync(join(root, file), 'utf8')
  const imports = text.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g)
  // Examples in the error registry import files that do not exist.
  return [...imports]
    .map(([, target]) => ({ from: file, to: relative(root, resolve(root, dirname(file), target ?? '')) }))
    .filter(({ to }) => existsSync(join(root, to)))
}

function isAllowed({ from, to }: Edge): boolean {
  const [fromRoom, toRoom] = [roomOf(from), roomOf(to)]
  if (fromRoom === toRoom || free.has(fromRoom)) return true
  if (fromRoom === 'dags') return toRoom === 'dsl' || /^steps\/.*contract\.ts$/.test(to)
  return (allowed[fromRoom] ?? []).some(
    (room) => toRoom === room || to.startsWith(`${room}/`) || to === `${room}.ts`,
  )
}

const folders = [
  'language',
  'artifact',
  'loading',
  'dsl',
  'steps',
  'samples',
  'compiler',
  'simulator',
  'probes',
  'deploy',
  'history',
  'testing',
  'cli',
  'dags',
]

test('every import runs downward', () => {
  const all = folders.flatMap(sources).flatMap(edges)
  expect(all.length).toBeGreaterThan(100)
  expect(all.filter((edge) => !isAllowed(edge)).map(({ from, to }) => `${from} imports ${to}`)).toEqual([])
})

test.each(['oracle', 'airflow', 'random-dag', 'worked-examples'])(
  'the oracle (%s) shares nothing with what it judges',
  (name) => {
    const reached = new Set([`test/oracle/${name}.ts`])
    for (const file of reached) for (const { to } of edges(file)) reached.add(to)
    expect(reached.size).toBeGreaterThan(1)
    expect([...reached].filter((file) => !file.startsWith('test/oracle/'))).toEqual([])
  },
)

test.each([
  ['simulator/engine/run.ts', 'dsl/dag.ts'],
  ['simulator/cloud/server.ts', 'compiler/index.ts'],
  ['steps/anilist/handler.ts', 'dsl/index.ts'],
  ['dags/anilist/dag.ts', 'steps/anilist/fetch-user/handler.ts'],
  ['deploy/apply.ts', 'simulator/emulator.ts'],
  ['testing/simulate.ts', 'cli/program.ts'],
])('%s must not import %s', (from, to) => {
  expect(isAllowed({ from, to })).toBe(false)
})
