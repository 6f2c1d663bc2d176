import { compileWorkflow, type CompiledWorkflow, type Readings } from '../../engine/index.ts'
import { buildSource, type Build } from './build.ts'

/** Sources whose builds are kept: as many as somebody deploys in turn, from one emulator to the next. */
const KEPT = 32

interface Kept {
  readonly build: Build
  compiled: CompiledWorkflow | null
}

const recent = new Map<string, Kept>()

/** `buildSource`, which of the same source and readings makes the same each time and so does it once. */
export function recentBuild(source: string, readings: Partial<Readings>): Build {
  return kept(source, readings).build
}

/** The source, ready to be executed; throws an Error where it would not be deployed. */
export function recentWorkflow(source: string, readings: Partial<Readings>): CompiledWorkflow {
  const found = kept(source, readings)
  if (found.build.kind === 'refused') throw new Error(found.build.message)
  return (found.compiled ??= compileWorkflow(found.build.document))
}

function kept(source: string, readings: Partial<Readings>): Kept {
  const key = `${JSON.stringify(readings)}\n${source}`
  const found = recent.get(key) ?? { build: buildSource(source, readings), compiled: null }
  // Last in the order, since it is in use.
  recent.delete(key)
  recent.set(key, found)
  if (recent.size > KEPT) recent.delete(recent.keys().next().value ?? '')
  return found
}
