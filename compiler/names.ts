/** Names in the compiled workflow; docs/architecture.md, "Compiled YAML" and "Names". */

export function routineName(task: string): string {
  return `task_${task}`
}

/** Of a mapped task, or of a mapped group by its path: ids are unique, within groups too. */
export function mapRoutineName(unit: string): string {
  return `map_${unitName(unit)}`
}

/** The id of a task, or of a group by its path. */
export function unitName(unit: string): string {
  return unit.split('.').at(-1) ?? unit
}

export function resultName(task: string): string {
  return `result_${task}`
}

/** Cloud Run job id: lower case letters, digits and hyphens. */
export function jobId(dag: string, task: string): string {
  return jobPrefix(dag) + jobPart(task)
}

/** What the ids of all jobs of a DAG begin with. */
export function jobPrefix(dag: string): string {
  return `${jobPart(dag)}--`
}

/** What a task's job id ends with. */
export function jobPart(id: string): string {
  return id.replaceAll('_', '-')
}

/** Logical file of a procedure, relative to the manifest. */
export function procedureFile(table: { readonly dataset: string; readonly table: string }): string {
  return `sql/${table.dataset}.${table.table}.sql`
}

/** Makes names unique by a number behind those that are taken. */
export function uniqueNames(taken: Iterable<string>): (name: string) => string {
  const used = new Set(taken)
  return (name) => {
    let free = name
    for (let number = 2; used.has(free); number++) free = `${name}_${number}`
    used.add(free)
    return free
  }
}
