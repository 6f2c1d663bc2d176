import type { TaskDefinition } from '../../dsl/index.ts'
import { routineName } from '../names.ts'

/** Bytes of a source by what they belong to. */
export interface SourceShares {
  /** Of the routine of each task, the largest first. */
  readonly tasks: readonly (readonly [id: string, bytes: number])[]
  readonly main: number
  /** What tasks share. */
  readonly helpers: number
}

/** Every subworkflow begins with its name at the start of a line; its comment counts to the one before. */
export function sourceShares(source: string, tasks: readonly TaskDefinition[]): SourceShares {
  const bytes = new Map<string, number>()
  let name = ''
  for (const line of source.split('\n')) {
    name = /^([A-Za-z_]\w*):$/.exec(line)?.[1] ?? name
    bytes.set(name, (bytes.get(name) ?? 0) + Buffer.byteLength(line) + 1)
  }
  const own = tasks.map(({ id }) => [id, bytes.get(routineName(id)) ?? 0] as const)
  const ofTasks = own.reduce((sum, [, size]) => sum + size, 0)
  const main = bytes.get('main') ?? 0
  const helpers = Buffer.byteLength(source) - ofTasks - main
  return { tasks: own.toSorted((a, b) => b[1] - a[1]), main, helpers }
}
