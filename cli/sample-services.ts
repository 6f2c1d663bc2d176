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

interface SampleModule {
  readonly start?: (options: { date: string }) => Promise<{ url: string; close(): Promise<void> }>
}

/** Starts the local stand-ins of the sources that the project declares, each on its own loopback port. */
export async function startSampleServices(options: {
  readonly project: string
  readonly config: Config
  readonly date?: string
}): Promise<SampleServices> {
  const date = options.date ?? new Date().toISOString().slice(0, 10)
  const started = await Promise.all(
    Object.entries(options.config.sampleServices).map(async ([name, service]) => {
      const file = resolve(options.project, service.module)
      const { start } = await load(options.project, file, name)
      if (typeof start !== 'function') {
        throw new UserError('DAG801', `${service.module} does not export start({ date })`, {
          place: `dag.config.ts: sampleServices.${name}`,
        })
      }
      return { env: service.env, running: await start({ date }) }
    }),
  )
  return {
    env: Object.fromEntries(started.map(({ env, running }) => [env, running.url])),
    close: async () => {
      await Promise.all(started.map(({ running }) => running.close()))
    },
  }
}

async function load(project: string, file: string, name: string): Promise<SampleModule> {
  if (!existsSync(file)) {
    throw new UserError('DAG801', `there is no file ${file}`, {
      place: `dag.config.ts: sampleServices.${name}.module`,
    })
  }
  const { createJiti } = await import('jiti')
  return createJiti(import.meta.url, { fsCache: moduleCache(project) }).import<SampleModule>(file)
}
