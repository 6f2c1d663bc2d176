/** The syntax tree of BigQuery SQL. `at` is the offset of a node's first character in the source. */

interface Node {
  readonly at: number
}

export interface Name extends Node {
  readonly text: string
}

export type TypeSyntax = Node &
  (
    | { readonly kind: 'named'; readonly name: string; readonly parameters: readonly string[] }
    | { readonly kind: 'array'; readonly element: TypeSyntax }
    | {
        readonly kind: 'struct'
        readonly fields: readonly {
          readonly name: string | null
          readonly type: TypeSyntax
          readonly notNull: boolean
          readonly options: readonly Option[]
        }[]
      }
  )

export type LiteralType =
  | 'NULL'
  | 'BOOL'
  | 'INT64'
  | 'FLOAT64'
  | 'STRING'
  | 'BYTES'
  | 'NUMERIC'
  | 'BIGNUMERIC'
  | 'DATE'
  | 'DATETIME'
  | 'TIME'
  | 'TIMESTAMP'
  | 'JSON'

export type BinaryOperator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '||'
  | '&'
  | '|'
  | '^'
  | '<<'
  | '>>'
  | '='
  | '!='
  | '<'
  | '<='
  | '>'
  | '>='
  | 'AND'
  | 'OR'

type IndexMode = 'PLAIN' | 'OFFSET' | 'ORDINAL' | 'SAFE_OFFSET' | 'SAFE_ORDINAL'

export type Expression = Node &
  (
    | { readonly kind: 'literal'; readonly type: LiteralType; readonly text: string }
    | { readonly kind: 'name'; readonly name: string; readonly quoted: boolean }
    | { readonly kind: 'field'; readonly object: Expression; readonly field: Name }
    | {
        readonly kind: 'index'
        readonly object: Expression
        readonly index: Expression
        readonly mode: IndexMode
      }
    | { readonly kind: 'parameter'; readonly name: string | null; readonly position: number }
    | { readonly kind: 'system'; readonly name: string }
    | { readonly kind: 'unary'; readonly operator: '-' | '+' | '~' | 'NOT'; readonly operand: Expression }
    | {
        readonly kind: 'binary'
        readonly operator: BinaryOperator
        readonly left: Expression
        readonly right: Expression
      }
    | {
        readonly kind: 'is'
        readonly operand: Expression
        readonly test: 'NULL' | 'TRUE' | 'FALSE' | 'UNKNOWN'
        readonly not: boolean
      }
    | {
        readonly kind: 'distinct'
        readonly left: Expression
        readonly right: Expression
        readonly not: boolean
      }
    | {
        readonly kind: 'between'
        readonly operand: Expression
        readonly low: Expression
        readonly high: Expression
        readonly not: boolean
      }
    | { readonly kind: 'in'; readonly operand: Expression; readonly not: boolean; readonly source: InSource }
    | {
        readonly kind: 'like'
        readonly operand: Expression
        readonly not: boolean
        readonly quantifier: 'ANY' | 'ALL' | null
        readonly patterns: readonly Expression[]
        /** `LIKE ANY UNNEST(array)` and `LIKE ANY (subquery)`: an array of patterns. */
        readonly array: Expression | null
      }
    | {
        readonly kind: 'case'
        readonly operand: Expression | null
        readonly whens: readonly { readonly when: Expression; readonly then: Expression }[]
        readonly otherwise: Expression | null
      }
    | {
        readonly kind: 'cast'
        readonly safe: boolean
        readonly operand: Expression
        readonly type: TypeSyntax
        readonly format: Expression | null
        readonly zone: Expression | null
      }
    | {
        readonly kind: 'extract'
        readonly part: Expression
        readonly operand: Expression
        readonly zone: Expression | null
      }
    | {
        readonly kind: 'interval'
        readonly value: Expression
        readonly part: string
        /** `'1-2' YEAR TO MONTH` */
        readonly to: string | null
      }
    | Call
    | { readonly kind: 'array'; readonly element: TypeSyntax | null; readonly items: readonly Expression[] }
    | {
        readonly kind: 'struct'
        readonly type: TypeSyntax | null
        readonly items: readonly { readonly name: string | null; readonly value: Expression }[]
      }
    | { readonly kind: 'subquery'; readonly form: 'scalar' | 'array' | 'exists'; readonly query: Query }
    | { readonly kind: 'default' }
  )

export type InSource =
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'query'; readonly query: Query }
  | { readonly kind: 'unnest'; readonly array: Expression }

export interface Call {
  readonly kind: 'call'
  /** `SAFE` prefix aside, e.g. ['NET', 'HOST']; a user's function has its path. */
  readonly name: readonly Name[]
  readonly safe: boolean
  readonly star: boolean
  readonly arguments: readonly Argument[]
  readonly distinct: boolean
  readonly nulls: 'IGNORE' | 'RESPECT' | null
  readonly having: { readonly kind: 'MAX' | 'MIN'; readonly value: Expression } | null
  readonly orderBy: readonly OrderItem[]
  readonly limit: Expression | null
  readonly over: WindowReference | null
}

export interface Argument extends Node {
  /** `name => value`, and `value AS name` of STRUCT-like calls. */
  readonly name: string | null
  readonly value: Expression
}

export interface OrderItem extends Node {
  readonly value: Expression
  readonly descending: boolean
  readonly nulls: 'FIRST' | 'LAST' | null
}

export type WindowReference = Node &
  (
    | { readonly kind: 'named'; readonly name: string }
    | { readonly kind: 'inline'; readonly window: WindowSpecification }
  )

export interface WindowSpecification extends Node {
  readonly base: string | null
  readonly partitionBy: readonly Expression[]
  readonly orderBy: readonly OrderItem[]
  readonly frame: Frame | null
}

export interface Frame extends Node {
  readonly unit: 'ROWS' | 'RANGE'
  readonly start: FrameBound
  readonly end: FrameBound
}

export type FrameBound =
  | { readonly kind: 'UNBOUNDED PRECEDING' | 'UNBOUNDED FOLLOWING' | 'CURRENT ROW' }
  | { readonly kind: 'PRECEDING' | 'FOLLOWING'; readonly offset: Expression }

export interface Query extends Node {
  readonly recursive: boolean
  readonly with: readonly CommonTable[]
  readonly body: QueryBody
  readonly orderBy: readonly OrderItem[]
  readonly limit: Expression | null
  readonly offset: Expression | null
}

export interface CommonTable {
  readonly name: Name
  readonly query: Query
  /** `WITH DEPTH`: the number of the iteration that gave a row, and which iterations there are. */
  readonly depth: Depth | null
}

export interface Depth {
  readonly alias: string
  readonly least: number
  /** @default 500, as BigQuery's limit of iterations */
  readonly most: number | null
}

export type QueryBody = Node &
  (
    | Select
    | { readonly kind: 'query'; readonly query: Query }
    | {
        readonly kind: 'set'
        readonly operator: 'UNION' | 'INTERSECT' | 'EXCEPT'
        readonly all: boolean
        /** Columns are matched by name instead of by position. */
        readonly byName: NameMatching | null
        readonly inputs: readonly QueryBody[]
      }
  )

/** How the columns of set operations are matched by name; `columns` limits the result to some. */
export interface NameMatching {
  readonly mode: 'STRICT' | 'INNER' | 'LEFT' | 'FULL'
  readonly columns: readonly Name[] | null
}

export interface Select extends Node {
  readonly kind: 'select'
  readonly distinct: boolean
  readonly as: 'STRUCT' | 'VALUE' | null
  readonly items: readonly SelectItem[]
  readonly from: From | null
  readonly where: Expression | null
  readonly groupBy: GroupBy | null
  readonly having: Expression | null
  readonly qualify: Expression | null
  readonly windows: readonly { readonly name: Name; readonly reference: WindowReference }[]
}

export type SelectItem = Node &
  (
    | { readonly kind: 'expression'; readonly value: Expression; readonly alias: Name | null }
    | {
        readonly kind: 'star'
        readonly object: Expression | null
        readonly except: readonly Name[]
        readonly replace: readonly { readonly value: Expression; readonly alias: Name }[]
      }
  )

export type GroupBy = Node &
  (
    | { readonly kind: 'all' }
    | { readonly kind: 'plain'; readonly items: readonly Expression[] }
    | { readonly kind: 'sets'; readonly sets: readonly GroupingSet[] }
  )

/** One of GROUPING SETS; ROLLUP and CUBE stand for several. */
export type GroupingSet = {
  readonly kind: 'set' | 'rollup' | 'cube'
  /** What is grouped by together; of a `set`, one after another. */
  readonly items: readonly (readonly Expression[])[]
}

export type From = Node &
  (
    | {
        readonly kind: 'table'
        readonly path: TablePath
        readonly alias: Name | null
        readonly systemTime: boolean
      }
    | {
        readonly kind: 'unnest'
        readonly array: Expression
        readonly alias: Name | null
        readonly offset: Name | null
      }
    | { readonly kind: 'subquery'; readonly query: Query; readonly alias: Name | null }
    | {
        readonly kind: 'tableFunction'
        readonly path: TablePath
        readonly arguments: readonly TableArgument[]
        readonly alias: Name | null
      }
    | {
        readonly kind: 'join'
        readonly type: JoinType
        readonly left: From
        readonly right: From
        readonly on: Expression | null
        readonly using: readonly Name[] | null
      }
    | { readonly kind: 'pivot'; readonly input: From; readonly pivot: Pivot; readonly alias: Name | null }
    | {
        readonly kind: 'unpivot'
        readonly input: From
        readonly unpivot: Unpivot
        readonly alias: Name | null
      }
    | { readonly kind: 'pipe'; readonly input: From; readonly step: PipeStep }
  )

/** An argument of a table function: a model, a table, a query in parentheses, or a value. */
export type TableArgument = Node &
  (
    | { readonly kind: 'model' | 'table'; readonly path: TablePath }
    | { readonly kind: 'query'; readonly query: Query }
    | { readonly kind: 'value'; readonly name: string | null; readonly value: Expression }
  )

/** A pipe operator that keeps the names of its input's tables. */
type PipeStep =
  | { readonly kind: 'where'; readonly condition: Expression }
  | { readonly kind: 'assert'; readonly condition: Expression; readonly payload: readonly Expression[] }
  | { readonly kind: 'extend'; readonly items: readonly SelectItem[] }
  | { readonly kind: 'set'; readonly items: readonly { readonly name: Name; readonly value: Expression }[] }
  | { readonly kind: 'drop'; readonly names: readonly Name[] }
  | { readonly kind: 'rename'; readonly names: readonly { readonly from: Name; readonly to: Name }[] }
  | { readonly kind: 'as'; readonly alias: Name }
  | {
      readonly kind: 'order'
      readonly orderBy: readonly OrderItem[]
      readonly limit: Expression | null
      readonly offset: Expression | null
    }

export type JoinType = 'CROSS' | 'INNER' | 'LEFT' | 'RIGHT' | 'FULL'

export interface Pivot {
  readonly aggregates: readonly { readonly call: Expression; readonly alias: Name | null }[]
  readonly input: Expression
  readonly values: readonly { readonly value: Expression; readonly alias: Name | null }[]
}

export interface Unpivot {
  readonly includeNulls: boolean
  readonly values: readonly Name[]
  readonly label: Name
  readonly columns: readonly { readonly columns: readonly Name[]; readonly label: Expression | null }[]
}

export interface TablePath extends Node {
  readonly parts: readonly string[]
}

export interface Option {
  readonly name: Name
  readonly value: Expression
}

export interface ColumnDefinition extends Node {
  readonly name: string
  readonly type: TypeSyntax
  readonly notNull: boolean
  readonly default: Expression | null
  readonly options: readonly Option[]
}

export interface Assignment extends Node {
  readonly path: readonly Name[]
  readonly value: Expression
}

export type MergeAction =
  | { readonly kind: 'delete' }
  | { readonly kind: 'update'; readonly assignments: readonly Assignment[] }
  | { readonly kind: 'insertRow' }
  | {
      readonly kind: 'insert'
      readonly columns: readonly Name[] | null
      readonly values: readonly Expression[]
    }

export interface MergeClause extends Node {
  readonly match: 'MATCHED' | 'NOT MATCHED' | 'NOT MATCHED BY SOURCE'
  readonly condition: Expression | null
  readonly action: MergeAction
}

/** A key that is declared, not enforced. */
export type KeyConstraint = Node & { readonly name: string | null; readonly columns: readonly Name[] } & (
    | { readonly kind: 'primary' }
    | { readonly kind: 'foreign'; readonly path: TablePath; readonly referenced: readonly Name[] }
  )

export type AlterAction = Node &
  (
    | { readonly kind: 'addColumn'; readonly column: ColumnDefinition; readonly ifNotExists: boolean }
    | { readonly kind: 'dropColumn'; readonly column: string; readonly ifExists: boolean }
    | {
        readonly kind: 'renameColumn'
        readonly column: string
        readonly to: string
        readonly ifExists: boolean
      }
    | {
        readonly kind: 'columnOptions'
        readonly ifExists: boolean
        readonly column: string
        readonly options: readonly Option[]
      }
    | {
        readonly kind: 'columnDefault'
        readonly ifExists: boolean
        readonly column: string
        readonly value: Expression | null
      }
    | { readonly kind: 'dropNotNull'; readonly ifExists: boolean; readonly column: string }
    | {
        readonly kind: 'columnType'
        readonly ifExists: boolean
        readonly column: string
        readonly type: TypeSyntax
      }
    | { readonly kind: 'addKey'; readonly key: KeyConstraint; readonly ifNotExists: boolean }
    | { readonly kind: 'dropPrimaryKey'; readonly ifExists: boolean }
    | { readonly kind: 'dropConstraint'; readonly name: string; readonly ifExists: boolean }
    | { readonly kind: 'setOptions'; readonly options: readonly Option[] }
    | { readonly kind: 'renameTo'; readonly name: string }
  )

export type ObjectKind = 'TABLE' | 'VIEW' | 'SCHEMA' | 'PROCEDURE' | 'FUNCTION' | 'TABLE FUNCTION' | 'MODEL'

export interface CreateTable extends Node {
  readonly kind: 'createTable'
  /** CREATE SNAPSHOT TABLE: a copy that nobody may change. */
  readonly snapshot: boolean
  readonly temporary: boolean
  readonly orReplace: boolean
  readonly ifNotExists: boolean
  readonly path: TablePath
  readonly columns: readonly ColumnDefinition[] | null
  readonly keys: readonly KeyConstraint[]
  readonly source:
    | { readonly kind: 'query'; readonly query: Query }
    | { readonly kind: 'like' | 'copy'; readonly path: TablePath }
    | null
  readonly partitionBy: Expression | null
  readonly clusterBy: readonly Name[]
  readonly options: readonly Option[]
}

export interface RoutineArgument {
  readonly name: string
  readonly type: TypeSyntax
  readonly mode: 'IN' | 'OUT' | 'INOUT'
}

export type Statement = Node & { readonly end: number } & (
    | { readonly kind: 'query'; readonly query: Query }
    | {
        readonly kind: 'insert'
        readonly path: TablePath
        readonly columns: readonly Name[] | null
        readonly source:
          | { readonly kind: 'values'; readonly rows: readonly (readonly Expression[])[] }
          | { readonly kind: 'query'; readonly query: Query }
      }
    | {
        readonly kind: 'update'
        readonly path: TablePath
        readonly alias: Name | null
        readonly assignments: readonly Assignment[]
        readonly from: From | null
        readonly where: Expression
      }
    | {
        readonly kind: 'delete'
        readonly path: TablePath
        readonly alias: Name | null
        readonly where: Expression
      }
    | { readonly kind: 'truncate'; readonly path: TablePath }
    | {
        readonly kind: 'merge'
        readonly path: TablePath
        readonly alias: Name | null
        readonly source: From
        readonly on: Expression
        readonly clauses: readonly MergeClause[]
      }
    | Omit<CreateTable, 'at'>
    | {
        readonly kind: 'createView'
        readonly materialized: boolean
        readonly orReplace: boolean
        readonly ifNotExists: boolean
        readonly path: TablePath
        readonly columns: readonly { readonly name: Name; readonly options: readonly Option[] }[] | null
        readonly options: readonly Option[]
        readonly query: Query
        readonly queryText: string
      }
    | {
        readonly kind: 'createModel'
        readonly orReplace: boolean
        readonly ifNotExists: boolean
        readonly path: TablePath
        /** The select list between the parentheses of TRANSFORM. */
        readonly transformText: string | null
        readonly options: readonly Option[]
        readonly query: Query | null
      }
    | {
        readonly kind: 'alterModel'
        readonly ifExists: boolean
        readonly path: TablePath
        readonly options: readonly Option[]
      }
    | {
        readonly kind: 'createTableFunction'
        readonly orReplace: boolean
        readonly ifNotExists: boolean
        readonly path: TablePath
        readonly arguments: readonly RoutineArgument[]
        readonly returns: readonly ColumnDefinition[] | null
        readonly query: Query
        readonly options: readonly Option[]
        readonly bodyText: string
      }
    | {
        readonly kind: 'createSchema'
        readonly ifNotExists: boolean
        readonly path: TablePath
        readonly options: readonly Option[]
      }
    | {
        readonly kind: 'alterSchema'
        readonly ifExists: boolean
        readonly path: TablePath
        readonly options: readonly Option[]
      }
    | {
        readonly kind: 'alterTable'
        /** What the statement calls it. */
        readonly object: 'TABLE' | 'VIEW' | 'MATERIALIZED_VIEW'
        readonly ifExists: boolean
        readonly path: TablePath
        readonly actions: readonly AlterAction[]
      }
    | {
        readonly kind: 'drop'
        readonly object: ObjectKind
        readonly materialized: boolean
        readonly snapshot: boolean
        readonly ifExists: boolean
        readonly path: TablePath
        readonly cascade: boolean
      }
    | {
        readonly kind: 'createProcedure'
        readonly orReplace: boolean
        readonly ifNotExists: boolean
        readonly path: TablePath
        readonly arguments: readonly RoutineArgument[]
        readonly body: readonly Statement[]
        readonly options: readonly Option[]
        readonly bodyText: string
      }
    | {
        readonly kind: 'createFunction'
        readonly temporary: boolean
        readonly orReplace: boolean
        readonly ifNotExists: boolean
        readonly path: TablePath
        readonly arguments: readonly RoutineArgument[]
        readonly returns: TypeSyntax | null
        readonly body: Expression
        readonly options: readonly Option[]
        readonly bodyText: string
      }
    | { readonly kind: 'call'; readonly path: TablePath; readonly arguments: readonly Expression[] }
    | {
        readonly kind: 'declare'
        readonly names: readonly Name[]
        readonly type: TypeSyntax | null
        readonly default: Expression | null
      }
    | {
        readonly kind: 'set'
        readonly names: readonly Name[]
        /** Whether the names stand in parentheses, which a struct's fields are then dealt out to. */
        readonly list: boolean
        readonly value: Expression
      }
    | { readonly kind: 'setSystem'; readonly name: string; readonly value: Expression }
    | {
        /** The operand of CASE x WHEN is part of each condition. */
        readonly kind: 'case'
        readonly branches: readonly { readonly condition: Expression; readonly body: readonly Statement[] }[]
        readonly otherwise: readonly Statement[] | null
      }
    | {
        readonly kind: 'if'
        readonly branches: readonly { readonly condition: Expression; readonly body: readonly Statement[] }[]
        readonly otherwise: readonly Statement[]
      }
    | {
        readonly kind: 'block'
        readonly body: readonly Statement[]
        readonly handler: readonly Statement[] | null
      }
    | { readonly kind: 'raise'; readonly message: Expression | null }
    | { readonly kind: 'assert'; readonly condition: Expression; readonly message: Expression | null }
    | { readonly kind: 'transaction'; readonly action: 'BEGIN' | 'COMMIT' | 'ROLLBACK' }
    | { readonly kind: 'return' }
  )
