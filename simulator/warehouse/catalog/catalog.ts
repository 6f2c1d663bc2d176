import type { UserFunction } from '../analyze/context.ts'
import { Cursor } from '../../../sql/parser/cursor.ts'
import { parseExpression } from '../../../sql/parser/expression.ts'
import { parseType } from '../../../sql/parser/type.ts'
import type { StoredModel } from '../ml/model.ts'
import type { DatasetMetadata, RoutineMetadata, TableName } from '../warehouse.ts'
import type { TableEntry } from './entry.ts'

/** A change of the catalogue; stored in the same transaction as the data it goes with. */
export type Change =
  | { readonly kind: 'putDataset'; readonly dataset: DatasetMetadata }
  | { readonly kind: 'dropDataset'; readonly dataset: string }
  | { readonly kind: 'putTable'; readonly entry: TableEntry }
  | { readonly kind: 'dropTable'; readonly name: TableName }
  | { readonly kind: 'putRoutine'; readonly routine: RoutineMetadata }
  | { readonly kind: 'dropRoutine'; readonly dataset: string; readonly routine: string }
  | { readonly kind: 'putModel'; readonly model: StoredModel }
  | { readonly kind: 'dropModel'; readonly dataset: string; readonly model: string }

/** What exists, in memory: names are case-sensitive, as BigQuery's are. */
export class Catalog {
  /** Counts changes, so that a reader can tell whether what it analyzed still holds. */
  version = 0
  private readonly datasetMap = new Map<string, DatasetMetadata>()
  private readonly tableMap = new Map<string, Map<string, TableEntry>>()
  private readonly routineMap = new Map<string, Map<string, RoutineMetadata>>()
  private readonly modelMap = new Map<string, Map<string, StoredModel>>()

  dataset(name: string): DatasetMetadata | undefined {
    return this.datasetMap.get(name)
  }

  datasets(): DatasetMetadata[] {
    return [...this.datasetMap.values()].toSorted((a, b) => compare(a.dataset, b.dataset))
  }

  table(name: TableName): TableEntry | undefined {
    return this.tableMap.get(name.dataset)?.get(name.table)
  }

  tables(dataset: string): TableEntry[] {
    return [...(this.tableMap.get(dataset)?.values() ?? [])].toSorted((a, b) => compare(a.table, b.table))
  }

  routine(dataset: string, name: string): RoutineMetadata | undefined {
    return this.routineMap.get(dataset)?.get(name)
  }

  routines(dataset: string): RoutineMetadata[] {
    return [...(this.routineMap.get(dataset)?.values() ?? [])].toSorted((a, b) =>
      compare(a.routine, b.routine),
    )
  }

  model(dataset: string, name: string): StoredModel | undefined {
    return this.modelMap.get(dataset)?.get(name)
  }

  models(dataset: string): StoredModel[] {
    return [...(this.modelMap.get(dataset)?.values() ?? [])].toSorted((a, b) => compare(a.model, b.model))
  }

  userFunction(dataset: string, name: string): UserFunction | undefined {
    const routine = this.routine(dataset, name)
    return routine?.kind === 'FUNCTION' ? functionOf(routine) : undefined
  }

  apply(change: Change): void {
    this.version++
    switch (change.kind) {
      case 'putDataset':
        this.datasetMap.set(change.dataset.dataset, change.dataset)
        return
      case 'dropDataset':
        this.datasetMap.delete(change.dataset)
        this.tableMap.delete(change.dataset)
        this.routineMap.delete(change.dataset)
        this.modelMap.delete(change.dataset)
        return
      case 'putTable':
        put(this.tableMap, change.entry.dataset, change.entry.table, change.entry)
        return
      case 'dropTable':
        this.tableMap.get(change.name.dataset)?.delete(change.name.table)
        return
      case 'putRoutine':
        put(this.routineMap, change.routine.dataset, change.routine.routine, change.routine)
        return
      case 'dropRoutine':
        this.routineMap.get(change.dataset)?.delete(change.routine)
        return
      case 'putModel':
        put(this.modelMap, change.model.dataset, change.model.model, change.model)
        return
      case 'dropModel':
        this.modelMap.get(change.dataset)?.delete(change.model)
    }
  }
}

function put<T>(maps: Map<string, Map<string, T>>, dataset: string, name: string, value: T): void {
  const map = maps.get(dataset) ?? new Map<string, T>()
  map.set(name, value)
  maps.set(dataset, map)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

const functions = new WeakMap<RoutineMetadata, UserFunction>()

function functionOf(routine: RoutineMetadata): UserFunction {
  let known = functions.get(routine)
  if (!known) {
    known = {
      arguments: routine.arguments.map(({ name, type }) => ({
        name,
        type:
          type === 'ANY TYPE'
            ? { kind: 'named', at: 0, name: type, parameters: [] }
            : parseType(new Cursor(type)),
        mode: 'IN',
      })),
      returns: routine.returns === undefined ? null : parseType(new Cursor(routine.returns)),
      body: parseExpression(new Cursor(routine.body)),
      source: routine.body,
    }
    functions.set(routine, known)
  }
  return known
}
