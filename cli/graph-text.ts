import type { Manifest, ManifestTask } from '../artifact/manifest.ts'

/** A listing by level: a task stands below everything that it waits for, with what it waits for beside it. */
export function levelsText(manifest: Manifest): string {
  const levels = levelsOf(manifest.tasks)
  const name = Math.max(...manifest.tasks.map((task) => task.id.length))
  const what = Math.max(...manifest.tasks.map((task) => describe(task).length))
  const lines = levels.flatMap((tasks, level) =>
    tasks.map((task, index) => {
      const number = index === 0 ? String(level + 1) : ''
      const after = task.upstream.length === 0 ? '' : `<- ${task.upstream.join(', ')}`
      return `${number.padStart(3)}  ${task.id.padEnd(name)}  ${describe(task).padEnd(what)}  ${after}`.trimEnd()
    }),
  )
  return [`${manifest.dag}: ${manifest.tasks.length} tasks on ${levels.length} levels`, ...lines].join('\n')
}

/** A Mermaid flowchart; groups become subgraphs. */
export function mermaidText(manifest: Manifest): string {
  const groups = [...new Set(manifest.tasks.map((task) => task.group))]
  const nodes = groups.flatMap((group) => {
    const members = manifest.tasks.filter((task) => task.group === group).map(node)
    if (group === null) return members.map((member) => `  ${member}`)
    return [`  subgraph ${group}`].concat(
      members.map((member) => `    ${member}`),
      '  end',
    )
  })
  const edges = manifest.tasks.flatMap((task) =>
    task.upstream.map((upstream) => `  ${upstream} --> ${task.id}`),
  )
  return ['flowchart LR', ...nodes, ...edges].join('\n')
}

/** Models are drawn as stores. */
function node(task: ManifestTask): string {
  return task.kind === 'model' ? `${task.id}[(${task.id})]` : `${task.id}[${task.id}]`
}

function describe(task: ManifestTask): string {
  return `${task.kind} ${task.runs}`
}

function levelsOf(tasks: readonly ManifestTask[]): ManifestTask[][] {
  const level = new Map<string, number>()
  const byId = new Map(tasks.map((task) => [task.id, task]))
  const levelOf = (task: ManifestTask): number => {
    const known = level.get(task.id)
    if (known !== undefined) return known
    const above = task.upstream.flatMap((id) => byId.get(id) ?? []).map(levelOf)
    const own = above.length === 0 ? 0 : Math.max(...above) + 1
    level.set(task.id, own)
    return own
  }
  const levels: ManifestTask[][] = []
  for (const task of tasks) (levels[levelOf(task)] ??= []).push(task)
  return levels
}
