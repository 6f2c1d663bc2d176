import type { InputValue, RefPath } from '../dsl/index.ts'

/** What the input of one task is made of. */
export interface InputFacts {
  /** By the names that DAG files use: `runId`, `logicalDate` … */
  readonly run: Readonly<Record<string, string>>
  readonly params: Readonly<Record<string, unknown>>
  /** What a task gave in this run, or undefined. */
  readonly outputOf: (task: string) => unknown
}

export interface TaskInput {
  readonly input: unknown
  /** Tasks whose outputs are read and not there. */
  readonly missing: readonly string[]
}

/** The input that the workflow would give to a task: docs/architecture.md, "References". */
export function taskInput(value: InputValue, facts: InputFacts): TaskInput {
  const missing = new Set<string>()
  const read = (one: InputValue): unknown => {
    switch (one.kind) {
      case 'literal':
        return one.value
      case 'list':
        return one.items.map(read)
      case 'map':
        return Object.fromEntries(one.entries.map(({ key, value: entry }) => [key, read(entry)]))
      case 'ref':
        return readRef(one.ref)
    }
  }
  const readRef = ({ source, path }: RefPath): unknown => {
    const [field, ...rest] = path
    if (source.kind === 'run') return facts.run[String(field)] ?? null
    if (source.kind === 'params') return at(facts.params, path)
    if (source.kind !== 'task') {
      missing.add('task' in source ? source.task : source.kind)
      return null
    }
    const output = facts.outputOf(source.task)
    if (output === undefined) missing.add(source.task)
    const top = field === undefined ? output : at(output, [field])
    // A large field is a pointer, which the step itself resolves.
    return rest.length === 0 ? (top ?? null) : { $value: top ?? null, $path: rest }
  }
  return { input: read(value), missing: [...missing] }
}

/** A member, or null where there is none. */
function at(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? ((inner as Record<string, unknown>)[key] ?? null) : null,
    value,
  )
}
