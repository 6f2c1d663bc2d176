import { z } from 'zod'
import { readValue, type InputPlace, type InputValue } from './input.ts'
import { makeRef, refOf, type Handle, type Inputs, type Ref } from './ref.ts'
import { isObjectSchema } from './schema.ts'
import type { HttpRequest } from './task.ts'
import { describe } from './values.ts'

/** JSON in which references may stand at any depth. */
export type JsonInput =
  | Handle<unknown>
  | string
  | number
  | boolean
  | null
  | readonly JsonInput[]
  | { readonly [key: string]: JsonInput | undefined }

/** Where a request goes. */
type Target =
  | {
      /** Name of a Cloud Run service of the run's project and region. */
      readonly service: string
      /** Path at the service, from its `/`. @default '/' */
      readonly path?: Inputs<string>
      readonly url?: never
    }
  | {
      /** `https://…` */
      readonly url: Inputs<string>
      readonly service?: never
      readonly path?: never
    }

/** A request that the workflow itself makes. What it is made of is bounded to 1 KB a value. */
export type RequestOptions<Body extends z.ZodObject> = Target & {
  /** @default 'GET' */
  readonly method?: HttpRequest['method']
  /** What is null or absent is left out. @default none */
  readonly query?: Readonly<Record<string, Inputs<string | number | boolean | null | undefined>>>
  /** What is null or absent is left out. @default none */
  readonly headers?: Readonly<Record<string, Inputs<string | null | undefined>>>
  /** Sent as JSON. @default none */
  readonly body?: JsonInput
  /**
   * `oidc`: an OpenID Connect token of the workflow's account, as Cloud Run takes it. `oauth2`: an access token, as
   * Google's APIs take it. @default 'oidc' for a service, 'none' for an address
   */
  readonly auth?: 'oidc' | 'oauth2' | 'none'
  /** Fields of the JSON answer that are kept. @default none: only the status */
  readonly response?: Body
}

/** What a request gives: a status from 200 to 299, and the fields of the answer that the schema names. */
export interface HttpOutput<Body extends z.ZodObject> {
  readonly status: number
  readonly body: z.output<Body>
}

export const requestKeys = [
  'service',
  'path',
  'url',
  'method',
  'query',
  'headers',
  'body',
  'auth',
  'response',
] as const

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const
/** https://cloud.google.com/run/docs/deploying#services: lower case letters, digits and hyphens, fewer than 50. */
const serviceName = /^[a-z]([a-z0-9-]{0,47}[a-z0-9])?$/

/** Reads a request; `outer` is the place of the task that makes it. */
export function readRequest(options: Readonly<Record<string, unknown>>, outer: InputPlace): HttpRequest {
  const place = { ...outer, inWorkflow: true }
  const { service, url, method = 'GET', auth, query, headers, body } = options
  const known = methods.find((each) => each === method)
  if (known === undefined)
    refuse(place, `has method ${describe(method)}`, `a method is one of ${methods.join(', ')}`)
  if (auth !== undefined && auth !== 'oidc' && auth !== 'oauth2' && auth !== 'none')
    refuse(place, `has auth ${describe(auth)}`, 'auth is oidc, oauth2 or none')
  if (body !== undefined && (method === 'GET' || method === 'DELETE'))
    refuse(place, `sends a body with ${method}`, "drop body, or say method: 'POST'")
  const standard = service === undefined ? null : 'oidc'
  return {
    target: readTarget(service, url, options['path'], place),
    method: known ?? 'GET',
    query: readNamed(query, 'query', place),
    headers: readNamed(headers, 'headers', place),
    body: body === undefined ? null : readValue(body, place, ['body']),
    auth: auth === 'none' ? null : auth === 'oidc' || auth === 'oauth2' ? auth : standard,
  }
}

/** The schema of `{status, body}`. */
export function responseSchema(body: unknown, place: InputPlace): z.ZodObject {
  if (body !== undefined && !isObjectSchema(body)) {
    refuse(
      place,
      'has a response that is no z.object',
      'name the fields that are needed: z.object({ id: z.int() })',
    )
  }
  return z.object({ status: z.int(), body: isObjectSchema(body) ? (body as z.ZodObject) : z.object({}) })
}

/** The answer that a sensor tests, as a reference. */
export function responseRef(owner: object, schema: z.ZodObject): Ref<HttpOutput<z.ZodObject>> {
  return makeRef(owner, { source: { kind: 'response' }, path: [] }, schema)
}

function readTarget(service: unknown, url: unknown, path: unknown, place: InputPlace): HttpRequest['target'] {
  if ((service === undefined) === (url === undefined)) {
    refuse(
      place,
      'names not exactly one of service and url',
      "write { service: 'billing', path: '/close' } or { url }",
    )
  }
  if (service === undefined) {
    if (path !== undefined && url !== undefined)
      refuse(place, 'has a path beside its url', 'write the whole address as url')
    if (typeof url === 'string' && !/^https?:\/\/[^\s/?#]+/.test(url))
      refuse(place, `has url ${describe(url)}`, 'an address begins with https://')
    return { kind: 'url', url: readValue(url ?? '', place, ['url']) }
  }
  if (typeof service !== 'string' || !serviceName.test(service))
    refuse(
      place,
      `names service ${describe(service)}`,
      'give the name of a Cloud Run service, such as billing',
    )
  const given = path ?? '/'
  if (typeof given === 'string' && !given.startsWith('/'))
    refuse(place, `has path ${describe(given)}`, 'a path begins with /')
  return {
    kind: 'service',
    service: typeof service === 'string' ? service : '',
    path: readValue(given, place, ['path']),
  }
}

function readNamed(given: unknown, name: string, place: InputPlace): InputValue | null {
  if (given === undefined) return null
  const value = readValue(given, place, [name])
  if (value.kind !== 'map' || refOf(given))
    refuse(place, `has ${name} ${describe(given)}`, `write ${name} as { name: value }`)
  return value
}

function refuse(place: InputPlace, message: string, hint: string): void {
  place.problems.add('DAG119', `${place.what} ${message}`, hint)
}
