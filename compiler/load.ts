import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type * as Jiti from 'jiti'
import { moduleCache } from '../artifact/module-cache.ts'
import { DagError, DagProblems, isDagError, type DagDefinition, type Location } from '../dsl/index.ts'
import type { LoadedDag } from './compile.ts'
import { transformWith } from '../loading/transform.ts'
import { firstLocation } from '../dsl/location.ts'
import { didYouMean } from '../dsl/suggest.ts'

/** Names of the DAGs in a project: the folders under `dags/` (or another folder) that hold a `dag.ts`. */
export function findDags(projectDir: string, folder = 'dags'): readonly string[] {
  const parent = join(projectDir, folder)
  if (!existsSync(parent)) return []
  return readdirSync(parent, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(parent, entry.name, 'dag.ts')))
    .map((entry) => entry.name)
    .toSorted()
}

/**
 * Loads DAG files, all of the project or the named ones. `dagwright` in them means this package, whether it runs from
 * a checkout or is installed.
 *
 * @throws DagProblems naming every file that cannot be loaded
 */
export async function loadDags(
  projectDir: string,
  names?: readonly string[],
  folder = 'dags',
): Promise<readonly LoadedDag[]> {
  const known = findDags(projectDir, folder)
  const wanted = names === undefined || names.length === 0 ? known : names
  const problems: DagError[] = wanted
    .filter((name) => !known.includes(name))
    .map((name) => unknownDag(name, known))
  if (problems.length > 0) throw new DagProblems(problems)
  const load = await importer(projectDir)
  const definitions: LoadedDag[] = []
  for (const name of wanted) {
    const loaded = await loadDag(join(projectDir, folder, name), name, load)
    if (loaded instanceof DagError) problems.push(loaded)
    else definitions.push(loaded)
  }
  if (problems.length > 0) throw new DagProblems(problems)
  return definitions
}

type Import = (file: string) => Promise<unknown>

/**
 * Modules are not kept from one import to the next: DAG files import step contracts, and a change in any of them must be
 * seen by the same process. What is kept, by its content, is the JavaScript of a file.
 */
async function importer(projectDir: string, more: Readonly<Record<string, unknown>> = {}): Promise<Import> {
  // As CommonJS, which it is: importing it takes a search of its text for what it exports.
  const library = createRequire(import.meta.url)('jiti') as typeof Jiti
  const stepsRuntime = import.meta.url.endsWith('.ts')
    ? '../steps/runtime/index.ts'
    : '../steps/runtime/index.js'
  const virtualModules = {
    dagwright: await import('../dsl/index.ts'),
    'dagwright/steps': (await import(new URL(stepsRuntime, import.meta.url).href)) as unknown,
    ...more,
  }
  const jiti = library.createJiti(import.meta.url, {
    virtualModules,
    moduleCache: false,
    fsCache: moduleCache(projectDir),
    transform: transformWith(library, new Set(Object.keys(virtualModules))),
  })
  return (file) => jiti.import(file)
}

/**
 * The exports of another module of the project in `projectDir`, e.g. one with mocks; `modules` are what it may import
 * besides `dagwright`, by name. Throws what loading it throws.
 */
export async function loadModule(
  projectDir: string,
  file: string,
  modules: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> {
  return (await (
    await importer(projectDir, modules)
  )(file)) as Readonly<Record<string, unknown>>
}

async function loadDag(dir: string, name: string, load: Import): Promise<LoadedDag | DagError> {
  const file = join(dir, 'dag.ts')
  const at: Location = { file, line: 1 }
  let loaded: unknown
  try {
    loaded = await load(file)
  } catch (error) {
    return isDagError(error) ? copyOf(error) : loadFailure(error, at)
  }
  const definition = (loaded as { readonly default?: unknown } | undefined)?.default
  if (!isDefinition(definition)) {
    const hint = 'write `export default dag(…)`'
    return new DagError('DAG504', `${name}/dag.ts has no DAG as its default export`, { at, hint })
  }
  if (definition.id === name) return withDashboard(definition, dir, load)
  return new DagError('DAG505', `DAG "${definition.id}" stands in folder ${name}`, {
    at: definition.at ?? at,
    hint: `name the folder ${definition.id}, or the DAG "${name}"`,
  })
}

async function withDashboard(
  definition: DagDefinition,
  dir: string,
  load: Import,
): Promise<LoadedDag | DagError> {
  const file = join(dir, 'dashboard.ts')
  if (!existsSync(file)) return definition
  try {
    const loaded = (await load(file)) as { readonly default?: unknown }
    return { ...definition, dashboard: loaded.default }
  } catch (error) {
    return isDagError(error) ? copyOf(error) : loadFailure(error, { file, line: 1 })
  }
}

function unknownDag(name: string, known: readonly string[]): DagError {
  const hint = didYouMean(name, known, 'DAGs')
  return new DagError('DAG506', `there is no DAG "${name}"`, {
    at: null,
    hint,
  })
}

function loadFailure(error: unknown, at: Location): DagError {
  const message = error instanceof Error ? error.message : String(error)
  const place = error instanceof Error && error.stack !== undefined ? firstLocation(error.stack) : null
  return new DagError('DAG503', `cannot be loaded: ${message.split('\n')[0] ?? ''}`, {
    at: place ?? at,
    hint: 'the file is plain TypeScript that runs when it is compiled: fix what it throws',
  })
}

/** The same problem as an error of this module's own class. */
function copyOf(error: DagError): DagError {
  return new DagError(error.code, error.message, { at: error.at, hint: error.hint })
}

function isDefinition(value: unknown): value is DagDefinition {
  return typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'dag'
}
