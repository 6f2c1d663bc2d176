import { createRequire } from 'node:module'
import { ApiError } from './errors.ts'
import { snakeCase } from './query.ts'

/** A JSON message with camelCase names, enum names in place of numbers, and output-only fields dropped. */
export type Message = Readonly<Record<string, unknown>>

/** Reads request bodies as one of Google's protobuf messages in JSON form. */
export interface MessageReader {
  /**
   * Throws `ApiError` 400, worded as Google words it, for an unknown field or a value of the wrong type. `name` is
   * what the method calls its body, e.g. `workflow`; by default the body is the request itself.
   */
  read(type: string, body: unknown, name?: string): Message
}

interface ProtoNode {
  readonly nested?: Readonly<Record<string, ProtoNode>>
  readonly fields?: Readonly<Record<string, ProtoField>>
  readonly values?: Readonly<Record<string, number>>
  readonly oneofs?: Readonly<Record<string, { readonly oneof: readonly string[] }>>
}

interface ProtoField {
  readonly type: string
  readonly rule?: 'repeated'
  readonly keyType?: string
  readonly options?: Readonly<Record<string, unknown>>
}

interface Found {
  readonly node: ProtoNode
  /** Full name, as a path. */
  readonly scope: readonly string[]
}

/** Fields that the REST API has and the published message definitions lack, by full message name. */
export type RestOnlyFields = Readonly<Record<string, Readonly<Record<string, ProtoField>>>>

/**
 * Uses the message definitions inside Google's own client package, so that the emulator and the client cannot
 * share a mistake. https://protobuf.dev/programming-guides/json/
 */
export function createMessageReader(clientPackage: string, restOnly: RestOnlyFields = {}): MessageReader {
  const require = createRequire(import.meta.url)
  let root: ProtoNode | undefined
  return {
    read(type, body, name = '') {
      root ??= require(`${clientPackage}/build/protos/protos.json`) as ProtoNode
      const found = lookUp(root, type, [])
      if (found === null) throw new Error(`No message ${type} in ${clientPackage}`)
      return readMessage({ root, restOnly }, found, body, name)
    },
  }
}

interface Context {
  readonly root: ProtoNode
  readonly restOnly: RestOnlyFields
}

function lookUp(root: ProtoNode, name: string, scope: readonly string[]): Found | null {
  const parts = name.replace(/^\./, '').split('.')
  for (let depth = scope.length; depth >= 0; depth -= 1) {
    const path = [...scope.slice(0, depth), ...parts]
    let node: ProtoNode | undefined = root
    for (const part of path) node = own(node?.nested, part)
    if (node !== undefined) return { node, scope: path }
  }
  return null
}

function own<T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined
}

function readMessage(context: Context, message: Found, body: unknown, at: string): Message {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw invalid(at, messageType(message), body)
  }
  const known = { ...message.node.fields, ...context.restOnly[message.scope.join('.')] }
  const result: Record<string, unknown> = {}
  for (const [given, value] of Object.entries(body)) {
    const name = own(known, given) === undefined ? camelCase(given) : given
    const field = own(known, name)
    if (field === undefined) {
      const where = at === '' ? '' : ` at '${at}'`
      throw violation(
        at,
        `Invalid JSON payload received. Unknown name "${given}"${where}: Cannot find field.`,
      )
    }
    if (value === null || field.options?.['(google.api.field_behavior)'] === 'OUTPUT_ONLY') continue
    result[name] = readField(context, message, field, value, within(at, name))
  }
  for (const { oneof } of Object.values(message.node.oneofs ?? {})) {
    const set = oneof.filter((name) => Object.hasOwn(result, name))
    if (set.length > 1) {
      throw violation(
        at,
        `Invalid value at '${at}' (oneof), oneof field is already set: ${set.map(snakeCase).join(', ')}`,
      )
    }
  }
  return result
}

function readField(context: Context, message: Found, field: ProtoField, value: unknown, at: string): unknown {
  if (field.keyType !== undefined) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw invalid(at, 'TYPE_MESSAGE', value)
    }
    // A map is a list of entries on the wire, and Google names them so.
    const entries = Object.entries(value).map(([key, item], index) => [
      key,
      readValue(context, message, field.type, item, `${at}[${index}].value`),
    ])
    return Object.fromEntries(entries) as unknown
  }
  if (field.rule === 'repeated') {
    if (!Array.isArray(value)) throw invalid(at, scalarType(field.type), value)
    return value.map((item, index) => readValue(context, message, field.type, item, `${at}[${index}]`))
  }
  return readValue(context, message, field.type, value, at)
}

function readValue(context: Context, message: Found, type: string, value: unknown, at: string): unknown {
  switch (type) {
    case 'string':
    case 'bytes':
      if (typeof value !== 'string') throw invalid(at, scalarType(type), value)
      return value
    case 'bool':
      if (typeof value !== 'boolean') throw invalid(at, scalarType(type), value)
      return value
    case 'double':
    case 'float':
      return readNumber(value, at, type, /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i)
    case 'int32':
    case 'uint32':
    case 'sint32':
    case 'fixed32':
    case 'sfixed32':
      return readNumber(value, at, type, /^-?\d+$/)
    case 'int64':
    case 'uint64':
    case 'sint64':
    case 'fixed64':
    case 'sfixed64':
      return String(readNumber(value, at, type, /^-?\d+$/))
    default:
      return readNamed(context, message, type, value, at)
  }
}

function readNamed(context: Context, message: Found, type: string, value: unknown, at: string): unknown {
  const found = lookUp(context.root, type, message.scope)
  const name = found?.scope.join('.') ?? type
  switch (name) {
    case 'google.protobuf.Timestamp':
      if (typeof value !== 'string' || Number.isNaN(Date.parse(value))) throw invalid(at, urlOf(name), value)
      return value
    case 'google.protobuf.Duration':
      if (typeof value !== 'string' || !/^-?\d+(\.\d{1,9})?s$/.test(value))
        throw invalid(at, urlOf(name), value)
      return value
    case 'google.protobuf.FieldMask':
      if (typeof value !== 'string') throw invalid(at, urlOf(name), value)
      return value
    case 'google.protobuf.Any':
    case 'google.protobuf.Struct':
    case 'google.protobuf.Value':
      return value
    default:
  }
  if (found === null) throw invalid(at, urlOf(name), value)
  if (found.node.values !== undefined) return readEnum(found.node.values, value, at, urlOf(name))
  return readMessage(context, found, value, at)
}

function readEnum(
  values: Readonly<Record<string, number>>,
  value: unknown,
  at: string,
  type: string,
): string {
  const name =
    typeof value === 'number'
      ? Object.keys(values).find((key) => values[key] === value)
      : typeof value === 'string' && Object.hasOwn(values, value)
        ? value
        : undefined
  if (name === undefined) throw invalid(at, type, value)
  return name
}

/** Numbers may come as text; 64-bit ones do. */
function readNumber(value: unknown, at: string, type: string, form: RegExp): number | string {
  if (typeof value === 'number' && form.test(String(value))) return value
  if (typeof value === 'string' && form.test(value))
    return Number.isSafeInteger(Number(value)) ? Number(value) : value
  throw invalid(at, scalarType(type), value)
}

/** The spelling of refusals: field names as the message definitions have them. */
function within(at: string, name: string): string {
  return at === '' ? snakeCase(name) : `${at}.${snakeCase(name)}`
}

function camelCase(name: string): string {
  return name.replaceAll(/_([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase())
}

function messageType({ scope }: Found): string {
  return urlOf(scope.join('.'))
}

function urlOf(type: string): string {
  return `type.googleapis.com/${type}`
}

function scalarType(type: string): string {
  return /^[a-z0-9]+$/.test(type) ? `TYPE_${type.toUpperCase()}` : urlOf(type.replace(/^\./, ''))
}

function invalid(at: string, type: string, value: unknown): ApiError {
  const shown = JSON.stringify(value) ?? 'undefined'
  const cut = shown.length > 100 ? `${shown.slice(0, 100)}…` : shown
  return violation(at, `Invalid value at '${at === '' ? '(root)' : at}' (${type}), ${cut}`)
}

function violation(field: string, message: string): ApiError {
  return new ApiError(400, message, { violations: [{ field, description: message }] })
}
