/** Names of a run's objects, encoded for a path, as expressions over `run` and `task`; docs/architecture.md, "Names". */

/** The ledger's entry of a task. */
export const ledgerObject = 'text.url_encode(run.prefix + task + "/result.json")'

/** What a container writes in a try; `run.file` is its name from the try on, which `tryFile` gives. */
export const writtenObject = 'text.url_encode(run.prefix + task + run.file)'

/** Where a large input stands: beside it. */
export const inputFile = 'text.replace_all(run.file, "output", "input")'

export const inputObject = `text.url_encode(run.prefix + task + ${inputFile})`

/** `run.file` of a try: its number, or an expression for it. */
export function tryFile(number: number | string): string {
  const file = '/output.json"'
  return typeof number === 'number'
    ? `"/" + run.execution + "-${number}${file}`
    : `"/" + run.execution + "-" + ${number} + "${file}`
}
