import { typeError, valueError } from '../engine/errors.ts'
import { JsonError, parseJson, writeJson } from '../engine/json.ts'
import { LIMITS } from '../engine/limits.ts'
import { limitedText } from '../engine/operators.ts'
import { isMap } from '../engine/value.ts'
import { anything, optional, param, plain } from './function.ts'
import { decodeUtf8 } from './text.ts'
import type { RuntimeMap, RuntimeValue } from '../engine/value.ts'
import type { FunctionContext } from './function.ts'

const INDENT = optional(param('indent', 'boolean', 'map'), false)

/** https://cloud.google.com/workflows/docs/reference/stdlib/json/decode */
export const json = {
  'json.decode': plain([param('data', 'bytes', 'string')], ([data]): RuntimeValue => {
    const text = typeof data === 'string' ? data : decodeUtf8('json.decode', data)
    return orValueError('json.decode', () => parseJson(text))
  }),
  'json.encode': plain([anything('data'), INDENT], ([data, indent], context): Uint8Array =>
    new TextEncoder().encode(encode('json.encode', data, indent, context)),
  ),
  'json.encode_to_string': plain([anything('data'), INDENT], ([data, indent], context) =>
    limitedText(encode('json.encode_to_string', data, indent, context)),
  ),
}

function encode(
  name: string,
  data: RuntimeValue,
  indent: boolean | RuntimeMap,
  { readings }: FunctionContext,
): string {
  const part = (key: string, standard: string) => {
    const given = (isMap(indent) ? indent.get(key) : undefined) ?? standard
    if (typeof given !== 'string') throw typeError(`${name}: indent.${key} must be a string`)
    return given
  }
  const layout = indent === false ? {} : { indent: part('indent', '    '), prefix: part('prefix', '') }
  return orValueError(name, () =>
    writeJson(data, { ...layout, keyOrder: readings.keyOrder, limit: LIMITS.memory }),
  )
}

function orValueError<T>(name: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof JsonError) throw valueError(`${name}: ${error.message}`)
    throw error
  }
}
