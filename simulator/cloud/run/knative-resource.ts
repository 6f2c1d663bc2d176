import { ApiError } from '../errors.ts'
import { conditionToV1 } from './knative-execution.ts'
import { durationMs, type Container, type Job } from './resource.ts'
import type { Service } from './services/service-resource.ts'

type Body = Readonly<Record<string, unknown>>

/** A Job of the v1 API as one of v2: its name and its message. https://cloud.google.com/run/docs/reference/yaml/v1#job */
export function jobFromV1(body: Body): { readonly id: string; readonly message: Body } {
  const { metadata, spec } = readKind(body, 'Job')
  const execution = record(spec['template'], 'spec.template')
  const { template, ...counts } = record(execution['spec'], 'spec.template.spec')
  const { timeoutSeconds, serviceAccountName, ...task } = record(
    record(template, 'spec.template.spec.template')['spec'],
    'spec.template.spec.template.spec',
  )
  return {
    id: nameOf(metadata),
    message: {
      ...userMetadata(metadata),
      template: {
        ...counts,
        ...userMetadata(record(execution['metadata'] ?? {}, 'spec.template.metadata')),
        template: {
          ...task,
          containers: containersFromV1(task['containers']),
          ...(timeoutSeconds !== undefined && { timeout: durationFrom(timeoutSeconds) }),
          ...(serviceAccountName !== undefined && { serviceAccount: serviceAccountName }),
        },
      },
    },
  }
}

export function jobToV1(job: Job): Body {
  const { template, ...counts } = job.template
  const { timeout = '600s', serviceAccount, containers, ...task } = template
  return {
    ...envelope('Job', job),
    spec: {
      template: {
        spec: {
          ...counts,
          template: {
            spec: {
              ...task,
              containers: containers.map(containerToV1),
              timeoutSeconds: String(durationMs(timeout) / 1000),
              ...(serviceAccount !== undefined && { serviceAccountName: serviceAccount }),
            },
          },
        },
      },
    },
    status: {
      observedGeneration: Number(job.observedGeneration),
      conditions: [conditionToV1(job.terminalCondition)],
      executionCount: job.executionCount,
      latestCreatedExecution: job.latestCreatedExecution && {
        ...job.latestCreatedExecution,
        name: job.latestCreatedExecution.name.split('/').at(-1),
      },
    },
  }
}

/** A Service of the v1 API as one of v2. https://cloud.google.com/run/docs/reference/yaml/v1#service */
export function serviceFromV1(body: Body): { readonly id: string; readonly message: Body } {
  const { metadata, spec } = readKind(body, 'Service')
  const { containers, timeoutSeconds, serviceAccountName, containerConcurrency } = record(
    record(spec['template'], 'spec.template')['spec'],
    'spec.template.spec',
  )
  const annotations = metadata['annotations'] as Readonly<Record<string, unknown>> | undefined
  return {
    id: nameOf(metadata),
    message: {
      ...userMetadata(metadata),
      ...(annotations?.['run.googleapis.com/invoker-iam-disabled'] === 'true' && {
        invokerIamDisabled: true,
      }),
      template: {
        containers: containersFromV1(containers),
        ...(timeoutSeconds !== undefined && { timeout: durationFrom(timeoutSeconds) }),
        ...(serviceAccountName !== undefined && { serviceAccount: serviceAccountName }),
        ...(containerConcurrency !== undefined && { maxInstanceRequestConcurrency: containerConcurrency }),
      },
    },
  }
}

export function serviceToV1(service: Service): Body {
  const { timeout, serviceAccount, containers } = service.template
  return {
    ...envelope('Service', service, 'serving.knative.dev/v1'),
    spec: {
      template: {
        spec: {
          containers: containers.map(containerToV1),
          timeoutSeconds: durationMs(timeout) / 1000,
          ...(serviceAccount !== undefined && { serviceAccountName: serviceAccount }),
        },
      },
      traffic: [{ latestRevision: true, percent: 100 }],
    },
    status: {
      observedGeneration: Number(service.observedGeneration),
      conditions: [service.terminalCondition, ...service.conditions].map(conditionToV1),
      latestReadyRevisionName: service.latestReadyRevision.split('/').at(-1),
      latestCreatedRevisionName: service.latestCreatedRevision.split('/').at(-1),
      url: service.uri,
      address: { url: service.uri },
    },
  }
}

function envelope(kind: string, resource: Job | Service, apiVersion = 'run.googleapis.com/v1'): Body {
  const [, project, , location, , id] = resource.name.split('/')
  return {
    apiVersion,
    kind,
    metadata: {
      name: id,
      namespace: project,
      uid: resource.uid,
      generation: Number(resource.generation),
      creationTimestamp: resource.createTime,
      labels: { ...resource.labels, 'cloud.googleapis.com/location': location },
      ...(resource.annotations !== undefined && { annotations: resource.annotations }),
    },
  }
}

function readKind(body: Body, kind: string): { readonly metadata: Body; readonly spec: Body } {
  if (body['kind'] !== undefined && body['kind'] !== kind)
    throw new ApiError(400, `Invalid value at 'kind': expected ${kind}`)
  return { metadata: record(body['metadata'], 'metadata'), spec: record(body['spec'], 'spec') }
}

/** What is the platform's own does not go into a resource of v2. */
function userMetadata({ labels, annotations }: Body): Body {
  const own = (given: unknown) =>
    Object.fromEntries(
      Object.entries((given ?? {}) as Body).filter(
        ([key]) => !/\.(googleapis\.com|knative\.dev)\//.test(key),
      ),
    )
  return { labels: own(labels), annotations: own(annotations) }
}

function nameOf(metadata: Body): string {
  const { name } = metadata
  if (typeof name !== 'string') throw new ApiError(400, "Invalid value at 'metadata.name'")
  return name
}

function containersFromV1(containers: unknown): unknown {
  if (!Array.isArray(containers)) return containers
  return containers.map((one) => {
    const { env, ...container } = record(one, 'containers')
    return env === undefined ? container : { ...container, env: variablesFromV1(env) }
  })
}

function variablesFromV1(env: unknown): unknown {
  if (!Array.isArray(env)) return env
  return env.map((one) => {
    const { valueFrom, ...variable } = record(one, 'env')
    if (valueFrom === undefined) return variable
    const { name: secret, key: version } = record(
      record(valueFrom, 'env.valueFrom')['secretKeyRef'],
      'env.valueFrom.secretKeyRef',
    )
    return { ...variable, valueSource: { secretKeyRef: { secret, version } } }
  })
}

function containerToV1({ env, ...container }: Container): Body {
  const variables = env?.map(({ valueSource, ...variable }) => {
    const secret = valueSource?.secretKeyRef
    if (secret === undefined) return variable
    return { ...variable, valueFrom: { secretKeyRef: { name: secret.secret, key: secret.version } } }
  })
  return { ...container, ...(variables !== undefined && { env: variables }) }
}

/** Whole seconds, which JSON may write as text. */
function durationFrom(seconds: unknown): string {
  const text = typeof seconds === 'number' ? String(seconds) : seconds
  if (typeof text !== 'string' || !/^\d+$/.test(text))
    throw new ApiError(400, "Invalid value at 'timeoutSeconds'")
  return `${text}s`
}

function record(value: unknown, at: string): Body {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ApiError(400, `Invalid value at '${at}'`)
  return value as Body
}
