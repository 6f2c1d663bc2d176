import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { z } from 'zod'
import { moduleCache } from '../artifact/module-cache.ts'
import { transformWith } from '../loading/transform.ts'
import { configSchema, type Config } from './config.ts'
import { UserError } from './user-error.ts'

const configFiles = ['dag.config.ts', 'dag.config.js', 'dag.config.mjs']

/** Resolves with the exports of a module. */
export type LoadModule = (file: string) => Promise<{ readonly default?: unknown }>

/**
 * Reads the project's `dag.config.ts`; a project without one has the built-in environment only. Who has a loader of
 * modules at hand may give it.
 *
 * @throws UserError that names the key and the file
 */
export async function loadConfig(
  projectFolder: string,
  load: LoadModule = (file) => importConfig(projectFolder, file),
): Promise<Config> {
  const file = configFiles.map((name) => join(projectFolder, name)).find((path) => existsSync(path))
  if (file === undefined) return withDefaults({})
  try {
    const config = await (await load(file)).default
    if (config !== undefined) return parseConfig(config, basename(file))
  } catch (error) {
    if (error instanceof UserError) throw error
    const text = error instanceof Error ? error.message : String(error)
    // Who asked for a module that is missing is this file.
    const [message] = text.split('\nRequire stack:')
    throw new UserError('DAG801', `cannot be loaded: ${message}`, { place: basename(file), cause: error })
  }
  const hint = 'write `export default defineConfig({ … })`'
  throw new UserError('DAG801', 'has no default export', { place: basename(file), hint })
}

/** Checks a configuration that was read from `file`. */
export function parseConfig(value: unknown, file: string): Config {
  const parsed = configSchema.safeParse(value)
  if (parsed.success) return withDefaults(parsed.data)
  const problems = parsed.error.issues.map((issue) => `${keyOf(issue.path)}: ${issue.message}`)
  throw new UserError('DAG801', problems.join('\n'), { place: file })
}

async function importConfig(projectFolder: string, file: string): Promise<{ readonly default?: unknown }> {
  const library = await import('jiti')
  const own = fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? '../deploy/config.ts' : '../deploy/config.js', import.meta.url),
  )
  const jiti = library.createJiti(import.meta.url, {
    alias: { 'dagwright/config': own },
    interopDefault: false,
    moduleCache: false,
    fsCache: moduleCache(projectFolder),
    transform: transformWith(library, new Set(['dagwright/config'])),
  })
  return jiti.import(file)
}

/** The steps that ship with the package run without being configured. */
function withDefaults(config: z.input<typeof configSchema>): Config {
  const { images, ...rest } = configSchema.parse(config)
  return { ...rest, images: { steps: { command: [process.execPath, bundledSteps()] }, ...images } }
}

/** `dist/steps/bundle/main.mjs` of this package, from its sources as well as from `dist/`. */
function bundledSteps(): string {
  const fromDist = !import.meta.url.endsWith('.ts')
  return fileURLToPath(
    new URL(fromDist ? '../steps/bundle/main.mjs' : '../dist/steps/bundle/main.mjs', import.meta.url),
  )
}

function keyOf(path: readonly PropertyKey[]): string {
  return path.length === 0 ? '(the whole configuration)' : path.map(String).join('.')
}
