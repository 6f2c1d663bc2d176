import { keyError, typeError, valueError } from '../engine/errors.ts'
import { LIMITS } from '../engine/limits.ts'
import { scalarText } from '../engine/operators.ts'
import { writeJson } from '../engine/json.ts'
import { isMap } from '../engine/value.ts'
import { anything, blocking, optional, param, plain } from './function.ts'
import { parseTime } from './time.ts'
import type { LogEntry } from '../engine/host.ts'
import type { RuntimeMap, RuntimeValue } from '../engine/value.ts'
import type { FunctionContext } from './function.ts'

const SEVERITIES = new Set('DEFAULT DEBUG INFO NOTICE WARNING ERROR CRITICAL ALERT EMERGENCY'.split(' '))

/** https://cloud.google.com/workflows/docs/reference/stdlib/sys/log */
export const sys = {
  'sys.get_env': plain(
    [param('name', 'string'), optional(anything('default'), null)],
    ([name, fallback], context) => {
      const value = context.host.environment(name)
      if (value !== null) return value
      if (fallback === null && context.readings.unknownEnvironment === 'error') throw keyError(name)
      return fallback
    },
  ),
  'sys.log': blocking(
    [
      optional(anything('data'), null),
      optional(param('severity', 'string'), 'DEFAULT'),
      optional(anything('text'), null),
      optional(param('json', 'map'), null),
      optional(param('timeout', 'integer', 'double'), null),
    ],
    async ([data, severity, text, json], { host, currentStep }) => {
      if (!SEVERITIES.has(severity)) throw valueError(`sys.log: unknown severity '${severity}'`)
      host.log({ severity, payload: payloadOf(data, text, json), ...currentStep() })
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
      const moment = parseTime('sys.sleep_until', time) + Number(microseconds ?? 0n) / 1e6
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
function payloadOf(data: RuntimeValue, text: RuntimeValue, json: RuntimeMap | null): LogEntry['payload'] {
  const given = [data, text, json].filter((value) => value !== null)
  if (given.length > 1) throw typeError('sys.log: takes only one of data, text and json')
  const [value = null] = given
  return isMap(value) ? { json: value } : { text: textOf(value) }
}

function textOf(value: RuntimeValue): string {
  if (typeof value === 'string') return value
  if (typeof value === 'bigint' || typeof value === 'number' || typeof value === 'boolean')
    return scalarText(value)
  return writeJson(value)
}
