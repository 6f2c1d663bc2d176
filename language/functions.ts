/**
 * The standard library as data: what exists, with which parameters, and what may stand in an expression.
 * https://cloud.google.com/workflows/docs/reference/stdlib/overview
 */
export interface LibraryFunction {
  /** As written in a source: `text.to_upper`, `len`. */
  readonly name: string
  /** In positional order. */
  readonly params: readonly LibraryParam[]
  /** Must be a `call` step; cannot stand in an expression. */
  readonly blocking: boolean
}

interface LibraryParam {
  readonly name: string
  readonly required: boolean
  /** What the documentation says applies when the argument is left out. */
  readonly default?: null | boolean | bigint | number | string
}

type Default = Exclude<LibraryParam['default'], undefined>

function required(...names: readonly string[]): LibraryParam[] {
  return names.map((name) => Object.freeze({ name, required: true }))
}

function optional(...names: readonly string[]): LibraryParam[] {
  return names.map((name) => Object.freeze({ name, required: false }))
}

function defaulting(name: string, value: Default): LibraryParam {
  return Object.freeze({ name, required: false, default: value })
}

type Definition = readonly [name: string, ...params: (LibraryParam | readonly LibraryParam[])[]]

const httpOptions = optional('headers', 'query', 'auth', 'private_service_name', 'ca_certificate')
const httpWithBody = [...optional('timeout', 'body'), ...httpOptions]

const blocking: readonly Definition[] = [
  ['events.await_callback', required('callback'), defaulting('timeout', 43_200)],
  [
    'experimental.executions.map',
    required('workflow_id', 'arguments'),
    defaulting('timeout', 1800),
    optional('location', 'project_id'),
  ],
  ['experimental.executions.run', required('workflow_id'), optional('location', 'project_id', 'argument')],
  ['http.delete', required('url'), httpWithBody],
  ['http.get', required('url'), optional('timeout'), httpOptions],
  ['http.patch', required('url'), httpWithBody],
  ['http.post', required('url'), httpWithBody],
  ['http.put', required('url'), httpWithBody],
  ['http.request', required('method', 'url'), httpWithBody],
  ['sys.log', optional('data'), defaulting('severity', 'DEFAULT'), optional('text', 'json', 'timeout')],
  ['sys.sleep', required('seconds')],
  ['sys.sleep_until', required('time'), optional('microseconds')],
]

const computing: readonly Definition[] = [
  ['base64.decode', required('data'), defaulting('padding', true)],
  ['base64.encode', required('data'), defaulting('padding', true)],
  // Normally a call step; the documentation does not list it among the blocking functions.
  ['events.create_callback_endpoint', defaulting('http_callback_method', 'POST')],
  ['hash.compute_checksum', required('data', 'algorithm')],
  ['hash.compute_hmac', required('key', 'data', 'algorithm')],
  ['http.default_retry_predicate', required('exception')],
  ['http.default_retry_predicate_non_idempotent', required('exception')],
  ['json.decode', required('data')],
  ['json.encode', required('data'), defaulting('indent', false)],
  ['json.encode_to_string', required('data'), defaulting('indent', false)],
  ['list.concat', required('objs', 'val')],
  ['list.prepend', required('objs', 'val')],
  ['map.delete', required('map', 'key')],
  ['map.get', required('map', 'keys')],
  ['map.merge', required('first', 'second')],
  ['map.merge_nested', required('first', 'second')],
  ['math.abs', required('x')],
  ['math.floor', required('x')],
  ['math.max', required('x', 'y')],
  ['math.min', required('x', 'y')],
  ['retry.always', required('exception')],
  ['retry.never', required('exception')],
  ['sys.get_env', required('name'), defaulting('default', null)],
  ['sys.now'],
  ['text.decode', required('data'), defaulting('charset', 'UTF-8')],
  ['text.encode', required('text'), defaulting('charset', 'UTF-8')],
  ['text.find_all', required('source', 'substr')],
  ['text.find_all_regex', required('source', 'regexp')],
  ['text.match_regex', required('source', 'regexp')],
  ['text.replace_all', required('source', 'substr', 'repl')],
  ['text.replace_all_regex', required('source', 'regexp', 'repl')],
  ['text.split', required('source', 'separator')],
  ['text.substring', required('source', 'start', 'end')],
  ['text.to_lower', required('source')],
  ['text.to_upper', required('source')],
  ['text.url_decode', required('source')],
  ['text.url_encode', required('source')],
  ['text.url_encode_plus', required('source')],
  ['time.format', required('seconds'), defaulting('timezone', 'UTC')],
  ['time.parse', required('value')],
  ['uuid.generate'],
  // https://cloud.google.com/workflows/docs/reference/stdlib/expression-helpers
  ['default', required('val', 'defaultVal')],
  ['double', required('x')],
  ['get_type', required('x')],
  ['if', required('condition', 'ifTrue', 'ifFalse')],
  ['int', required('x')],
  ['keys', required('map')],
  ['len', required('x')],
  ['string', required('x')],
]

function define(definitions: readonly Definition[], isBlocking: boolean): [string, LibraryFunction][] {
  return definitions.map(([name, ...params]) => [
    name,
    Object.freeze({ name, params: Object.freeze(params.flat()), blocking: isBlocking }),
  ])
}

/** Every function of the standard library by name. */
export const libraryFunctions: ReadonlyMap<string, LibraryFunction> = new Map([
  ...define(blocking, true),
  ...define(computing, false),
])

/** Names of the standard library that are values: retry policies and a back-off. */
export const libraryValues: ReadonlySet<string> = new Set([
  'http.default_retry',
  'http.default_retry_non_idempotent',
  'retry.default_backoff',
])

/** Connectors need no import and their list is open. https://cloud.google.com/workflows/docs/reference/googleapis */
export function isConnector(name: string): boolean {
  return /^googleapis\.[A-Za-z0-9_]+(\.[A-Za-z0-9_]+)+$/.test(name)
}

/** The one connector that a sample of Google's uses in an expression; the others must be `call` steps. */
export function isExpressionConnector(name: string): boolean {
  return name === 'googleapis.secretmanager.v1.projects.secrets.versions.accessString'
}
