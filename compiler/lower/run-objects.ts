/** Names of a run's objects, encoded for a path, as expressions over `run`, `task` and `try`; docs/architecture.md, "Names". */

/** The ledger's entry of a task. */
export const ledgerObject = 'text.url_encode(run.prefix + task + "/result.json")'

/** An object of one try. */
export function tryObject(file: string): string {
  return `text.url_encode(run.prefix + task + "/" + run.execution + "-" + try + "/${file}")`
}
