import { refsIn, type InputEntry } from '../../dsl/input.ts'
import type { InputValue } from '../../dsl/index.ts'
import type { HttpRequest } from '../../dsl/task.ts'
import { assign, expr, int, map, step, str, type Step, type Value } from './language.ts'
import { lowerInput, quoted } from './value.ts'

/** A request that a task's subworkflow makes: what is assigned before, and the arguments of `http.request`. */
export interface LoweredRequest {
  readonly prepare: readonly Step[]
  readonly args: Readonly<Record<string, Value>>
}

/** Parts of a request by the name that its task gets them under. */
type Parts = readonly (readonly [name: string, value: InputValue])[]

/** The parts of a request that only `main` can evaluate. */
export function requestInput(request: HttpRequest): readonly (readonly [string, Value])[] {
  return partsOf(request)
    .filter(([, value]) => refsIn(value).length > 0)
    .map(([name, value]) => [name, lowerInput(value, 'workflow')] as const)
}

function partsOf({ target, query, headers, body }: HttpRequest): Parts {
  const address =
    target.kind === 'service' ? (['path', target.path] as const) : (['url', target.url] as const)
  const parts = [
    address,
    ['query', withoutNull(query)] as const,
    ['headers', withoutNull(headers)] as const,
    ['body', body] as const,
  ]
  return parts.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]))
}

/** Without what is known to be null; what turns out to be null in a run is left out there. */
function withoutNull(value: InputValue | null): InputValue | null {
  if (value?.kind !== 'map') return value
  const isNull = (item: InputValue) => item.kind === 'literal' && item.value === null
  return { kind: 'map', entries: value.entries.filter((entry) => !isNull(entry.value)) }
}

/** https://cloud.google.com/workflows/docs/http-requests */
export function lowerRequest(request: HttpRequest, timeoutSeconds: number): LoweredRequest {
  const parts = new Map(partsOf(request).map(([name, value]) => [name, partValue(name, value)]))
  const address = addressOf(request, parts)
  const headers = headersOf(request)
  const assigned = [...address.assigned, ...headers.assigned]
  const query = request.query && parts.get('query')
  return {
    prepare: assigned.length === 0 ? [] : [step('prepare', assign(assigned))],
    args: {
      method: str(request.method),
      url: address.url,
      timeout: int(timeoutSeconds),
      ...(address.auth !== null && { auth: address.auth }),
      ...(query && { query: isKnown(request.query) ? query : expr('without_nulls(input.query)') }),
      ...(headers.value !== null && { headers: headers.value }),
      ...(request.body !== null && { body: parts.get('body') ?? str('') }),
    },
  }
}

function partValue(name: string, value: InputValue): Value {
  return isKnown(value) ? lowerInput(value) : expr(`input.${name}`)
}

function isKnown(value: InputValue | null): boolean {
  return value === null || refsIn(value).length === 0
}

type Assigned = readonly (readonly [string, Value])[]

interface Address {
  readonly url: Value
  readonly auth: Value | null
  readonly assigned: Assigned
}

/** Cloud Run takes tokens for the root of a service. https://cloud.google.com/run/docs/triggering/https-request */
function addressOf({ target, auth }: HttpRequest, parts: ReadonlyMap<string, Value>): Address {
  const authMap = (audience: Value) => {
    if (auth === null) return null
    return auth === 'oauth2' ? map({ type: str('OAuth2') }) : map({ type: str('OIDC'), audience })
  }
  if (target.kind === 'service') {
    const path =
      isKnown(target.path) && target.path.kind === 'literal' ? quoted(String(target.path.value)) : null
    return {
      url: path === '"/"' ? expr('origin + "/"') : expr(`origin + ${path ?? 'input.path'}`),
      auth: authMap(expr('origin')),
      // The deterministic address of a service: https://cloud.google.com/run/docs/triggering/https-request#deterministic
      assigned: [
        [
          'origin',
          expr(
            `"https://${target.service}-" + sys.get_env("GOOGLE_CLOUD_PROJECT_NUMBER") + "." + sys.get_env("GOOGLE_CLOUD_LOCATION") + ".run.app"`,
          ),
        ],
      ],
    }
  }
  const url = parts.get('url') ?? str('')
  if (auth !== 'oidc') return { url, auth: authMap(url), assigned: [] }
  const known = target.url.kind === 'literal' ? /^https?:\/\/[^/?#]+/.exec(String(target.url.value)) : null
  if (known) return { url, auth: authMap(str(known[0])), assigned: [] }
  const origin = expr('text.find_all_regex(input.url, "^https?://[^/?#]+")[0].match')
  return { url, auth: authMap(expr('origin')), assigned: [['origin', origin]] }
}

/**
 * A request that a retry may repeat says so by its key, the same for every try.
 * https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
 */
function headersOf({ method, headers: given }: HttpRequest): { value: Value | null; assigned: Assigned } {
  const headers = withoutNull(given)
  const entries: readonly InputEntry[] = headers?.kind === 'map' ? headers.entries : []
  const hasKey = entries.some(({ key }) => key.toLowerCase() === 'idempotency-key')
  const ownKey = !hasKey && (method === 'POST' || method === 'PATCH')
  const key: readonly (readonly [string, Value])[] = ownKey
    ? [['Idempotency-Key', expr('run.dag + "/" + run.run_id + "/" + task')]]
    : []
  if (isKnown(headers)) {
    const known = entries.map((entry) => [entry.key, lowerInput(entry.value)] as const)
    return { value: known.length + key.length === 0 ? null : map([...known, ...key]), assigned: [] }
  }
  if (!ownKey) return { value: expr('without_nulls(input.headers)'), assigned: [] }
  return {
    value: expr('map.merge(headers, without_nulls(input.headers))'),
    assigned: [['headers', map(key)]],
  }
}
