import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import type { CompiledDag } from './compile.ts'

/** A file that is not what the DAG compiles to. */
export interface Drift {
  /** Relative to `generated/<dag>/`. */
  readonly file: string
  readonly kind: 'missing' | 'changed' | 'surplus'
  /** First differing line, 1-based; only with `changed`. */
  readonly line?: number
}

/** Compares `generated/<dag>/` with what the DAG compiles to now. A moved line in `map.json` is no drift. */
export function driftOf(compiled: CompiledDag, dir: string): readonly Drift[] {
  const present = existsSync(dir) ? filesIn(dir) : []
  const drifts: Drift[] = []
  for (const [file, content] of Object.entries(compiled.files)) {
    if (!present.includes(file)) drifts.push({ file, kind: 'missing' })
    else {
      const line = firstDifference(
        comparable(file, content),
        comparable(file, readFileSync(join(dir, file), 'utf8')),
      )
      if (line !== null) drifts.push({ file, kind: 'changed', line })
    }
  }
  const surplus = present.filter((file) => !Object.hasOwn(compiled.files, file))
  return [...drifts, ...surplus.map((file) => ({ file, kind: 'surplus' as const }))]
}

/** Files below a folder, with forward slashes, sorted. */
function filesIn(dir: string): readonly string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => statSync(join(dir, name)).isFile())
    .map((name) => relative(dir, join(dir, name)).split(sep).join('/'))
    .toSorted()
}

function comparable(file: string, content: string): string {
  return file === 'map.json' ? content.replaceAll(/"line": \d+/g, '"line": 0') : content
}

function firstDifference(expected: string, actual: string): number | null {
  if (expected === actual) return null
  const lines = actual.split('\n')
  const index = expected.split('\n').findIndex((line, position) => line !== lines[position])
  return (index === -1 ? expected.split('\n').length : index) + 1
}
