import type { LocalImages } from '../simulator/cloud/run/images.ts'
import type { LocalServices } from '../simulator/cloud/run/services/local-service.ts'
import type { SampleServices } from './sample-services.ts'

/** How a project's Cloud Run jobs and services run on this machine; read when the first is needed. */
export interface ProjectSteps {
  images(): Promise<LocalImages>
  services(): Promise<LocalServices>
  env(): Promise<Readonly<Record<string, string>>>
  close(): Promise<void>
}

/** Reads `dag.config` and starts the sample services that it declares with the first use. */
export function projectSteps(project: string): ProjectSteps {
  let samples: Promise<SampleServices> | undefined
  const readConfig = async () => (await import('../deploy/load-config.ts')).loadConfig(project)
  return {
    images: async () => (await import('./local-cloud.ts')).localImages(await readConfig(), project),
    services: async () => (await import('./local-cloud.ts')).localServices(await readConfig(), project),
    env: async () => {
      const { startSampleServices } = await import('./sample-services.ts')
      samples ??= startSampleServices({ project, config: await readConfig() })
      return (await samples).env
    },
    close: async () => (await samples)?.close(),
  }
}
