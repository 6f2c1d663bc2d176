import { UserError } from '../deploy/user-error.ts'
import type { Readings } from '../simulator/engine/index.ts'
import type { Options } from './command.ts'

/** What `--reading NAME=VALUE` chose; an empty object where it was not given. */
export async function chosenReadings(options: Options): Promise<{ readonly readings?: Partial<Readings> }> {
  const given = options.list('reading')
  if (given.length === 0) return {}
  const { parseReading } = await import('../simulator/engine/index.ts')
  const readings: Partial<Readings> = {}
  for (const text of given) {
    try {
      Object.assign(readings, parseReading(text))
    } catch (error) {
      throw new UserError('DAG601', error instanceof Error ? error.message : String(error), {
        place: `--reading ${text}`,
      })
    }
  }
  return { readings }
}
