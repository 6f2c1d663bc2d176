import { z } from 'zod'
import type { Manifest } from '../artifact/manifest.ts'
import { UserError } from '../deploy/user-error.ts'

const schema = z.record(z.string(), z.unknown())
type Schema = z.infer<typeof schema>

/**
 * All params of a run: those given as `name=value`, read against the DAG's JSON Schema, and the defaults of the others.
 * Numbers and booleans become such, lists and maps are JSON, everything else is text.
 *
 * @throws UserError for an unknown name, a value that the schema refuses, or a missing one
 */
export function runParams(
  manifest: Pick<Manifest, 'dag' | 'params'>,
  given: readonly string[],
): Record<string, unknown> {
  const properties = z.record(z.string(), schema).catch({}).parse(manifest.params['properties'])
  const values = Object.fromEntries(given.map((text) => readParam(manifest.dag, properties, text)))
  const parsed = z.fromJSONSchema(manifest.params).safeParse(values)
  if (parsed.success) return schema.parse(parsed.data)
  const problems = parsed.error.issues.map(({ path, message }) => {
    const name = String(path[0] ?? '')
    return name in values ? `param ${name}: ${message}` : `param ${name} is missing`
  })
  throw new UserError('DAG603', [...new Set(problems)].join('\n'), {
    place: `params of ${manifest.dag}`,
    hint: describeParams(properties),
  })
}

function readParam(
  dag: string,
  properties: Readonly<Record<string, Schema>>,
  text: string,
): [string, unknown] {
  const split = text.indexOf('=')
  const name = split < 0 ? text : text.slice(0, split)
  const known = Object.hasOwn(properties, name) ? properties[name] : undefined
  if (known === undefined) {
    throw new UserError('DAG603', `${dag} has no param called ${name}`, {
      place: `--param ${text}`,
      hint: describeParams(properties),
    })
  }
  if (split < 0) {
    throw new UserError('DAG603', `param ${name} has no value`, {
      place: `--param ${text}`,
      hint: `write --param ${name}=…`,
    })
  }
  return [name, readValue(text.slice(split + 1), typesOf(known))]
}

/** What the text means to a schema of these types; where it fits none of them, the text, for the schema to refuse. */
function readValue(text: string, types: readonly string[]): unknown {
  if (types.length === 0 || (types.includes('string') && !(types.includes('null') && text === 'null')))
    return text
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function typesOf(of: Schema): string[] {
  const type = of['type']
  if (typeof type === 'string') return [type]
  if (Array.isArray(type)) return type.map(String)
  const options = of['anyOf'] ?? of['oneOf']
  return Array.isArray(options) ? options.flatMap((option: unknown) => typesOf(schema.parse(option))) : []
}

function describeParams(properties: Readonly<Record<string, Schema>>): string {
  const names = Object.entries(properties).map(([name, one]) => {
    const initial = 'default' in one ? ` (default ${JSON.stringify(one['default'])})` : ''
    return `${name}${initial}`
  })
  return names.length === 0 ? 'it takes no params' : `its params are: ${names.join(', ')}`
}
