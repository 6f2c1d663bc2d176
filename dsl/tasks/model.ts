import { DagError } from '../errors/dag-error.ts'
import type { TaskHandle } from '../handle.ts'
import { callerOf } from '../location.ts'
import type { Model } from '../model.ts'
import { workKeys, type WorkOptions } from '../options.ts'
import type { Scope } from '../scope.ts'
import { tableId } from '../table-name.ts'

export type BuildOptions = WorkOptions & {
  /** @default `<layer>_<table>` */
  readonly id?: string
}

/**
 * Builds a model's table with its SQL. Models named in the SQL draw the edges.
 *
 * @example
 * build(salesByDay, { retries: 1 })
 */
export type DeclareBuild = (model: Model, options?: BuildOptions) => TaskHandle

/** One hour: models that run longer are worth saying so. */
const timeout = 3600

export function modelKind(scope: Scope): DeclareBuild {
  const build: DeclareBuild = (model, options = {}) => {
    const at = callerOf(build)
    if (model?.kind !== 'model') {
      throw new DagError('DAG112', 'build(…) is given no model', {
        at,
        hint: 'pass what model({ … }) returned',
      })
    }
    const id = options.id ?? `${model.layer}_${model.table}`
    const base = scope.base(id, options, { keys: [...workKeys, 'id'], timeout, works: true, at })
    if (model.sql === null) {
      scope.problems.add(
        'DAG406',
        `task ${id} builds ${tableId(model)}, which has no SQL`,
        'give the model sql, or fill it by a step: task(…, { writes: [model] })',
        at,
      )
    }
    scope.add({ ...base, kind: 'model', model, writes: model.writes })
    return scope.handle(id)
  }
  return build
}
