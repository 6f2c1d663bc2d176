import type { Change } from '../catalog/catalog.ts'
import type { Statement } from '../../../sql/syntax.ts'
import type { QueryResult } from '../warehouse.ts'

type Ddl = NonNullable<QueryResult['ddl']>

/** A checked DDL statement. */
export interface DdlPlan {
  readonly ddl: Ddl
  readonly rows?: number
  run(changes: Change[]): Promise<void>
}

export type Of<K extends Statement['kind']> = Statement & { kind: K }

export const nothing = async (): Promise<void> => undefined
