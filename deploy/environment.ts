import type { Config } from './config.ts'
import { UserError } from './user-error.ts'

/** Where to deploy: the values that compiled files leave open. */
export interface Environment {
  readonly name: string
  readonly project: string
  readonly region: string
  /** Without `gs://`. */
  readonly bucket: string
  readonly datasetLocation: string
  readonly images: Readonly<Record<string, string>>
  readonly serviceAccounts: { readonly workflow?: string | undefined; readonly steps?: string | undefined }
  readonly env: Readonly<Record<string, string>>
  /** Root URL of the emulator; null on Google Cloud. */
  readonly emulator: string | null
}

/** Names of the built-in environment; docs/architecture.md, "The local cloud". */
export const localNames = {
  project: 'local-project',
  region: 'us-central1',
  bucket: 'local-project-data',
  datasetLocation: 'US',
} as const

/** The built-in environment `local`, served by an emulator at `url`. Images keep their logical names. */
export function localEnvironment(config: Config, url: string): Environment {
  const images = Object.fromEntries(Object.keys(config.images).map((image) => [image, image]))
  return { name: 'local', ...localNames, images, serviceAccounts: {}, env: {}, emulator: url }
}

/** A declared environment of `dag.config.ts`. */
export function cloudEnvironment(config: Config, name: string): Environment {
  const declared = config.environments[name]
  if (declared === undefined) {
    const known = ['local', ...Object.keys(config.environments)].join(', ')
    throw new UserError('DAG802', `no environment is called ${name}`, {
      place: `--env ${name}`,
      hint: `known are: ${known}; more are declared under environments in dag.config.ts`,
    })
  }
  return { name, ...declared, emulator: null }
}
