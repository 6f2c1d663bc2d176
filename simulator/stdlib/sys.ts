import { keyError, typeError, valueError } from '../engine/errors.ts'
import { LIMITS } from '../engine/limits.ts'
import { scalarText } from '../engine/operators.ts'
import { JsonError, writeJson } from '../engine/json.ts'
import { isMap } from '../engine/value.ts'
import { anything, blocking, optional, param, plain } from './function.ts'
import { parseMoment } from './time.ts'
import type { LogEntry } from '../engine/host.ts'
import type { RuntimeMap, RuntimeValue } from '../engine/value.ts'
import type { FunctionContext } from './function.ts'

/** Null is a value that can be logged, so it cannot stand for a missing argument. */
const NOT_GIVEN: RuntimeMap = new Map()

const SEVERITIES = new Set('DEFAULT DEBUG INFO NOTICE WARNING ERROR CRITICAL ALERT EMERGENCY'.split(' '))

/** https://cloud.google.com/workflows/docs/reference/stdlib/sys/log */
export const sys = {
  'sys.get_env': plain(
    [param('name', 'string'), optional(param('default', 'string'), null)],
    ([name, fallback], context) => {
      const value = context.host.environment(name)
      if (value !== null) return value
      if (fallback === null && context.readings.unknownEnvironment === 'error') throw keyError(name)
      return fallback
    },
  ),
  'sys.log': blocking(
    [
      optional(anything('data'), NOT_GIVEN),
      optional(param('severity', 'string'), 'DEFAULT'),
      optional(anything('text'), NOT_GIVEN),
      optional(param('json', 'map'), NOT_GIVEN),
      optional(param('timeout', 'integer', 'double'), null),
    ],
    async ([data, severity, text, json], { host, call }) => {
      if (!SEVERITIES.has(severity)) throw valueError(`sys.log: unknown severity '${severity}'`)
      host.log({ severity, payload: payloadOf(data, text, json), ...call.currentStep() })
      return null
    },
  ),
  'sys.now': plain([], (_, { host }) => host.clock.now() / 1000),
  'sys.sleep': blocking([param('seconds', 'integer', 'double')], ([seconds], context) =>
    sleep('sys.sleep', Number(seconds), context),
  ),
  'sys.sleep_until': blocking(
    [param('time', 'string'), optional(param('microseconds', 'integer'), null)],
    ([time, microseconds], context) => {
      const moment = parseMoment('sys.sleep_until', time) + Number(microseconds ?? 0n) / 1e6
      return sleep('sys.sleep_until', Math.max(0, moment - context.host.clock.now() / 1000), context)
    },
  ),
}

async function sleep(name: string, seconds: number, { call }: FunctionContext): Promise<RuntimeValue> {
  if (!(seconds >= 0 && seconds <= LIMITS.sleep)) {
    throw valueError(`${name}: the wait must be from 0 to ${LIMITS.sleep} seconds`)
  }
  await call.clock.sleep(seconds * 1000, call.signal)
  return null
}

/** Exactly one of the three; a map is logged as JSON, anything else as text. */
function payloadOf(...choices: readonly RuntimeValue[]): LogEntry['payload'] {
  const [value, ...others] = choices.filter((choice) => choice !== NOT_GIVEN)
  if (value === undefined || others.length > 0)
    throw typeError('sys.log: takes exactly one of data, text and json')
  try {
    // What cannot be written is refused here, not where the entry is stored.
    if (isMap(value)) writeJson(value)
    return isMap(value) ? { json: value } : { text: textOf(value) }
  } catch (error) {
    if (error instanceof JsonError) throw valueError(`sys.log: ${error.message}`)
    throw error
  }
}

function textOf(value: RuntimeValue): string {
  if (typeof value === 'string') return value
  if (typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean')
    return scalarText(value)
  return writeJson(value)
}
