import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { moduleCache } from '../artifact/module-cache.ts'
import type { Config } from '../deploy/config.ts'
import { UserError } from '../deploy/user-error.ts'

export interface SampleServices {
  /** Variables of the steps that carry the services' addresses. */
  readonly env: Readonly<Record<string, string>>
  close(): Promise<void>
}

/** A live run has none. */
export const noSampleServices: SampleServices = { env: {}, close: () => Promise.resolve() }

interface Running {
  readonly url: string
  close(): Promise<void>
}

interface SampleModule {
  readonly start?: (options: { date: string }) => Promise<Running>
}

interface SampleOptions {
  readonly project: string
  readonly config: Pick<Config, 'sampleServices'>
  /** @default today */
  readonly date?: string
}

/**
 * Starts the local stand-ins of the sources that the project declares, each on its own loopback port.
 *
 * @throws UserError that names the service whose module does not start
 */
export async function startSampleServices({
  project,
  config,
  date = new Date().toISOString().slice(0, 10),
}: SampleOptions): Promise<SampleServices> {
  const started = await Promise.all(
    Object.entries(config.sampleServices).map(async ([name, { module, env }]) => ({
      env,
      running: await startOne(project, module, name, date),
    })),
  )
  return {
    env: Object.fromEntries(started.map(({ env, running }) => [env, running.url])),
    close: async () => {
      await Promise.all(started.map(({ running }) => running.close()))
    },
  }
}

async function startOne(project: string, module: string, name: string, date: string): Promise<Running> {
  const file = resolve(project, module)
  const refused = (message: string, hint: string, cause?: unknown) =>
    new UserError('DAG801', message, { place: `dag.config.ts: sampleServices.${name}`, hint, cause })
  if (!existsSync(file)) throw refused(`there is no file ${file}`, 'name the module that starts the service')
  const way = 'export a function start({ date }) that resolves with { url, close }'
  try {
    const { start } = await load(project, file)
    if (typeof start !== 'function') throw refused(`${module} does not export start({ date })`, way)
    const running: Partial<Running> | undefined = await start({ date })
    if (typeof running?.url === 'string' && typeof running.close === 'function') return running as Running
    throw refused(`start({ date }) of ${module} gives no { url, close }`, way)
  } catch (error) {
    if (error instanceof UserError) throw error
    const message = error instanceof Error ? error.message : String(error)
    throw refused(`${module} does not start: ${message}`, 'see why it fails, or use --live', error)
  }
}

async function load(project: string, file: string): Promise<SampleModule> {
  const library = await import('jiti')
  const { transformWith } = await import('../loading/transform.ts')
  return library
    .createJiti(import.meta.url, {
      fsCache: moduleCache(project),
      transform: transformWith(library, new Set()),
    })
    .import<SampleModule>(file)
}
