/** What decides the state of a run. */
export interface LeafGraph {
  readonly ids: readonly string[]
  readonly declared: ReadonlyMap<string, readonly string[]>
  /** A teardown whose failure does not fail the run. */
  readonly isIgnorable: (id: string) => boolean
}

/**
 * The tasks whose failure fails the run: those with nothing below them but teardowns that do not count.
 * https://airflow.apache.org/docs/apache-airflow/stable/core-concepts/dag-run.html#dag-run-status
 */
export function effectiveLeaves({ ids, declared, isIgnorable }: LeafGraph): readonly string[] {
  const inner = new Set(ids.filter((id) => !isIgnorable(id)).flatMap((id) => declared.get(id) ?? []))
  const leaves = ids.filter((id) => !isIgnorable(id) && !inner.has(id))
  if (leaves.length > 0) return leaves
  const above = new Set(ids.flatMap((id) => declared.get(id) ?? []))
  return ids.filter((id) => !above.has(id))
}
