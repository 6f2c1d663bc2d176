import type { Block, Step, WorkflowDocument } from '../../language/index.ts'
import type { Structure } from './structure.ts'

/**
 * What the order of a compiled source lets happen that the DAG forbids, read from the source alone: a task whose call does
 * not stand after those of the tasks above it may start before they have ended, whether or not a run shows it.
 */
export function orderProblems(document: WorkflowDocument, structure: Structure): readonly string[] {
  const { description, edges, setups, suppliers, tasks } = structure
  const places = placesOf(document, new Set(tasks.keys()))
  return description.tasks.flatMap(({ id }) => {
    const own = places.get(id) ?? []
    if (own.length !== 1) return [`${id} is called at ${own.length} places`]
    const above = [...edges.get(id)!.map(({ from }) => from), ...setups.get(id)!, ...suppliers.get(id)!]
    return [...new Set(above)]
      .filter((from) => (places.get(from) ?? []).some((place) => !comesBefore(place, own[0]!)))
      .map((from) => `nothing holds ${id} up until ${from} has ended`)
  })
}

/** The way from the top of `main` down to a call: which of the things in order, or side by side, it is in. */
type Place = readonly { readonly at: number; readonly inOrder: boolean }[]

function comesBefore(first: Place, second: Place): boolean {
  const parting = first.findIndex(({ at }, depth) => at !== second[depth]?.at)
  const [one, other] = [first[parting], second[parting]]
  return one !== undefined && other !== undefined && one.inOrder && one.at < other.at
}

/** By task, where its subworkflow `task_<id>` is called, in `main` or in what that calls. */
function placesOf(
  { subworkflows }: WorkflowDocument,
  ids: ReadonlySet<string>,
): ReadonlyMap<string, readonly Place[]> {
  const routines = new Map(subworkflows.map(({ name, steps }) => [name, steps]))
  const found = new Map<string, Place[]>()
  const visitCall = (callee: string, place: Place, open: readonly string[]) => {
    const id = callee.replace(/^task_/, '')
    if (id !== callee && ids.has(id)) found.set(id, [...(found.get(id) ?? []), place])
    else if (!open.includes(callee)) visitAll(routines.get(callee) ?? [], place, [...open, callee])
  }
  const visit = (body: Step['body'] | Block, place: Place, open: readonly string[]): void => {
    const part = (at: number, inOrder = true): Place => [...place, { at, inOrder }]
    switch (body.kind) {
      case 'call':
        return visitCall(body.callee, place, open)
      case 'steps':
        return visitAll(body.steps, place, open)
      case 'try':
        visit(body.body, part(0), open)
        return visitAll(body.except?.steps ?? [], part(1), open)
      case 'switch':
        return body.conditions.forEach((each, at) => visit(each.body, part(at, false), open))
      case 'for':
        return visitAll(body.loop.steps, place, open)
      case 'parallel':
        visitAll(body.loop?.steps ?? [], place, open)
        return body.branches?.forEach(({ steps }, at) => visitAll(steps, part(at, false), open))
      default:
    }
  }
  const visitAll = (steps: readonly Step[], place: Place, open: readonly string[]) =>
    steps.forEach(({ body }, at) => visit(body, [...place, { at, inOrder: true }], open))
  visitCall('main', [], [])
  return found
}
