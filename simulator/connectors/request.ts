import type { CloudRequest } from '../cloud/request.ts'
import { typeError, valueError } from '../engine/errors.ts'
import { JsonError, writeJson } from '../engine/json.ts'
import { isList, isMap, type RuntimeMap, type RuntimeValue } from '../engine/value.ts'
import type { RestMethod } from './method.ts'

/** Builds the request of a connector call; raises TypeError or ValueError for arguments that do not fit. */
export function buildRequest(name: string, rest: RestMethod, args: RuntimeMap): CloudRequest {
  const used = new Set(['body', 'connector_params'])
  const path = rest.path.replaceAll(/\{([+!]?)(\w+)\}/g, (_match, mode: string, argument: string) => {
    used.add(argument)
    const value = args.get(argument)
    if (value === undefined || value === null)
      throw valueError(`${name}: the argument "${argument}" is required`)
    if (typeof value !== 'string') throw typeError(`${name}: the argument "${argument}" must be a string`)
    if (mode === '!') return value
    return mode === '+' ? value.split('/').map(encodeURIComponent).join('/') : encodeURIComponent(value)
  })
  const query: string[] = []
  const given = [...args].filter(([key]) => !used.has(key))
  for (const [key, value] of given) {
    // Samples give query parameters at the top level or under `query`.
    if (key === 'query' && isMap(value))
      for (const [inner, item] of value) addQuery(query, rest, name, inner, item)
    else addQuery(query, rest, name, key, value)
  }
  const parameters = new URLSearchParams(query.join('&'))
  for (const [key, value] of Object.entries(rest.query ?? {})) {
    if (!parameters.has(key)) parameters.set(key, value)
  }
  const { bytes, contentType } = encodeBody(name, rest, args.get('body'))
  return {
    method: rest.method,
    path,
    query: parameters,
    headers:
      bytes.length === 0 ? {} : { 'content-type': contentType, 'content-length': String(bytes.length) },
    body: bytes,
  }
}

function addQuery(query: string[], rest: RestMethod, name: string, key: string, value: RuntimeValue): void {
  if (value === null) return
  if (isList(value)) {
    for (const item of value) addQuery(query, rest, name, key, item)
  } else if (isMap(value)) {
    // `updateMask: {fieldPaths: [a, b]}` is the spelling of some samples for `updateMask=a,b`.
    const paths = value.get('fieldPaths')
    if (value.size === 1 && isList(paths)) addQuery(query, rest, name, key, paths.map(String).join(','))
    else for (const [inner, item] of value) addQuery(query, rest, name, `${key}.${inner}`, item)
  } else if (value instanceof Uint8Array || typeof value === 'object') {
    throw typeError(`${name}: the argument "${key}" cannot be sent as a query parameter`)
  } else {
    const text = rest.encodedQuery?.includes(key) === true ? String(value) : encodeURIComponent(String(value))
    query.push(`${encodeURIComponent(key)}=${text}`)
  }
}

function encodeBody(
  name: string,
  rest: RestMethod,
  body: RuntimeValue | undefined,
): { readonly bytes: Uint8Array; readonly contentType: string } {
  if (body === undefined) return { bytes: new Uint8Array(), contentType: '' }
  if (rest.body === 'media') {
    if (body instanceof Uint8Array) return { bytes: body, contentType: 'application/octet-stream' }
    if (typeof body === 'string') {
      return { bytes: new TextEncoder().encode(body), contentType: 'text/plain; charset=utf-8' }
    }
  }
  try {
    return {
      bytes: new TextEncoder().encode(writeJson(body)),
      contentType: 'application/json; charset=utf-8',
    }
  } catch (error) {
    if (error instanceof JsonError)
      throw typeError(`${name}: the body cannot be sent as JSON: ${error.message}`)
    throw error
  }
}
