import type { Manifest } from '../artifact/manifest.ts'
import { UserError } from '../deploy/user-error.ts'

type Schema = Readonly<Record<string, unknown>>

/**
 * Reads `--param name=value` options against the DAG's JSON Schema: numbers and booleans become such, lists and maps
 * are JSON, everything else is text.
 *
 * @throws UserError for an unknown name or an unreadable value
 */
export function parseParams(manifest: Manifest, given: readonly string[]): Record<string, unknown> {
  const properties = (manifest.params['properties'] ?? {}) as Readonly<Record<string, Schema>>
  const known = Object.keys(properties)
  return Object.fromEntries(
    given.map((text) => {
      const split = text.indexOf('=')
      const name = split < 0 ? text : text.slice(0, split)
      const schema = properties[name]
      if (schema === undefined) {
        throw new UserError(`${manifest.dag} has no param called ${name}`, {
          place: `--param ${text}`,
          hint: known.length === 0 ? 'it takes no params' : `its params are: ${known.join(', ')}`,
        })
      }
      if (split < 0) {
        throw new UserError(`param ${name} has no value`, {
          place: `--param ${text}`,
          hint: `write --param ${name}=…`,
        })
      }
      return [name, parseValue(name, text.slice(split + 1), schema)]
    }),
  )
}

function parseValue(name: string, text: string, schema: Schema): unknown {
  const types = typesOf(schema)
  if (types.includes('null') && text === 'null') return null
  if (types.length === 0 || types.includes('string')) return oneOf(name, text, schema)
  const value = parsedJson(text)
  const type = value === undefined ? 'text' : jsonType(value)
  const fits = types.includes(type) || (type === 'integer' && types.includes('number'))
  if (fits) return oneOf(name, value, schema)
  throw new UserError(
    `param ${name} takes ${types.map((item) => `a${/^[aeiou]/.test(item) ? 'n' : ''} ${item}`).join(' or ')}, not ${text}`,
    {
      place: `--param ${name}=${text}`,
    },
  )
}

function oneOf(name: string, value: unknown, schema: Schema): unknown {
  const allowed = schema['enum']
  if (!Array.isArray(allowed) || allowed.includes(value)) return value
  throw new UserError(`param ${name} cannot be ${String(value)}`, {
    place: `--param ${name}=${String(value)}`,
    hint: `it takes one of: ${allowed.map(String).join(', ')}`,
  })
}

function typesOf(schema: Schema): string[] {
  const type = schema['type']
  if (typeof type === 'string') return [type]
  if (Array.isArray(type)) return type.map(String)
  const options = schema['anyOf'] ?? schema['oneOf']
  return Array.isArray(options) ? options.flatMap((option: Schema) => typesOf(option)) : []
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function jsonType(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}
