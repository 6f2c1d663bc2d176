import { ApiError } from '../../errors.ts'
import { createMessageReader } from '../../messages.ts'
import { projectNumber, type Place } from '../../names.ts'
import type { Condition, Container } from '../resource.ts'

/** https://cloud.google.com/run/docs/reference/rest/v2/projects.locations.services#Service */
export interface Service extends ServiceInput {
  readonly name: string
  readonly uid: string
  readonly generation: string
  readonly observedGeneration: string
  readonly createTime: string
  readonly updateTime: string
  readonly terminalCondition: Condition
  readonly conditions: readonly Condition[]
  readonly latestReadyRevision: string
  readonly latestCreatedRevision: string
  readonly uri: string
  readonly urls: readonly string[]
  readonly reconciling: boolean
  readonly etag: string
}

/** What a client sets. */
export interface ServiceInput {
  readonly description?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly template: RevisionTemplate
  readonly invokerIamDisabled?: boolean
  readonly customAudiences?: readonly string[]
}

interface RevisionTemplate {
  readonly containers: readonly Container[]
  /** A protobuf duration. */
  readonly timeout: string
  readonly serviceAccount?: string
}

const messages = createMessageReader('@google-cloud/run')

/** Reads a Service message with the platform's defaults; throws `ApiError` 400 for what the service refuses. */
export function readService(body: unknown): ServiceInput {
  const { name: _name, etag: _etag, ...input } = messages.read('google.cloud.run.v2.Service', body)
  const template = input['template'] as Partial<RevisionTemplate> | undefined
  const containers = template?.containers ?? []
  if (template === undefined || !containers[0]?.image) {
    throw new ApiError(400, 'Violation in template.containers: a container with an image is required.')
  }
  if (containers.length > 1) {
    throw new ApiError(400, 'Violation in template.containers: the emulator runs one container per service.')
  }
  const timeout = template.timeout ?? '300s'
  // https://cloud.google.com/run/docs/configuring/request-timeout
  const seconds = Number(timeout.slice(0, -1))
  if (seconds < 1 || seconds > 3600)
    throw new ApiError(400, `Invalid timeout ${timeout}: must be between 1s and 3600s.`)
  return { ...input, template: { ...template, containers, timeout } }
}

/** Lower-case letters, digits and hyphens; at most 49. */
export function checkServiceId(id: string): void {
  if (!/^[a-z]([a-z0-9-]{0,47}[a-z0-9])?$/.test(id)) {
    throw new ApiError(
      400,
      `Invalid service id "${id}": at most 49 lower-case letters, digits and hyphens, starting with a letter and ` +
        'not ending with a hyphen.',
    )
  }
}

/** The address that can be told before the service exists. https://cloud.google.com/run/docs/triggering/https-request */
export function serviceAddress(name: string, { project }: Pick<Place, 'project'>): string {
  const [, , , location = '', , id = ''] = name.split('/')
  return `https://${id}-${projectNumber(project)}.${location}.run.app`
}
