import type {
  AlterAction,
  ColumnDefinition,
  CreateTable,
  Expression,
  KeyConstraint,
  Name,
  ObjectKind,
  Option,
  RoutineArgument,
} from '../syntax.ts'
import { unsupported } from '../problem.ts'
import type { Cursor } from './cursor.ts'
import { parseExpression } from './expression.ts'
import { parseOptions } from './options.ts'
import { parseTablePath } from './path.ts'
import { parseQuery, parseSelectItem, startsQuery } from './query.ts'
import { parseBlock, type Unfinished } from './statement.ts'
import { parseType } from './type.ts'

export function parseCreate(cursor: Cursor, at: number): Unfinished {
  cursor.expect('CREATE')
  const orReplace = cursor.accept('OR', 'REPLACE')
  const temporary = cursor.accept('TEMP') || cursor.accept('TEMPORARY')
  if (!temporary && cursor.accept('TABLE', 'FUNCTION')) return parseCreateTableFunction(cursor, at, orReplace)
  if (cursor.accept('TABLE')) return parseCreateTable(cursor, at, { orReplace, temporary })
  if (cursor.accept('FUNCTION')) return parseCreateFunction(cursor, at, { orReplace, temporary })
  if (temporary) throw cursor.unexpected('TABLE')
  const materialized = cursor.accept('MATERIALIZED')
  if (cursor.accept('VIEW')) return parseCreateView(cursor, at, { orReplace, materialized })
  if (cursor.accept('MODEL')) return parseCreateModel(cursor, at, orReplace)
  if (cursor.accept('PROCEDURE')) return parseCreateProcedure(cursor, at, orReplace)
  if (cursor.accept('SNAPSHOT', 'TABLE')) return parseSnapshot(cursor, at, orReplace)
  if (cursor.accept('SCHEMA')) {
    const ifNotExists = cursor.accept('IF', 'NOT', 'EXISTS')
    const path = parseTablePath(cursor)
    if (cursor.is('DEFAULT')) throw cursor.unsupported('DEFAULT COLLATE')
    return { kind: 'createSchema', at, ifNotExists, path, options: optionalOptions(cursor) }
  }
  throw cursor.unsupported(`CREATE ${cursor.token.text}`)
}

function optionalOptions(cursor: Cursor): Option[] {
  return cursor.is('OPTIONS') ? parseOptions(cursor) : []
}

function parseCreateTable(
  cursor: Cursor,
  at: number,
  flags: { orReplace: boolean; temporary: boolean },
): Unfinished {
  const ifNotExists = cursor.accept('IF', 'NOT', 'EXISTS')
  const path = parseTablePath(cursor)
  let source: CreateTable['source'] = null
  for (const kind of ['LIKE', 'COPY', 'CLONE'] as const)
    if (cursor.accept(kind))
      source = { kind: kind === 'LIKE' ? 'like' : 'copy', path: parseTablePath(cursor) }
  if (source && cursor.is('FOR')) throw cursor.unsupported('FOR SYSTEM_TIME AS OF')
  const list = cursor.is('(') ? parseColumnDefinitions(cursor) : null
  if (cursor.is('DEFAULT')) throw cursor.unsupported('DEFAULT COLLATE')
  const partitionBy = cursor.accept('PARTITION', 'BY') ? parseExpression(cursor) : null
  const clusterBy: Name[] = cursor.accept('CLUSTER', 'BY') ? cursor.list(() => cursor.name()) : []
  const options = optionalOptions(cursor)
  if (cursor.accept('AS')) source = { kind: 'query', query: parseQuery(cursor) }
  return {
    kind: 'createTable',
    snapshot: false,
    at,
    ...flags,
    ifNotExists,
    path,
    columns: list && list.columns.length > 0 ? list.columns : null,
    keys: list?.keys ?? [],
    source,
    partitionBy,
    clusterBy,
    options,
  }
}

function parseSnapshot(cursor: Cursor, at: number, orReplace: boolean): Unfinished {
  const ifNotExists = cursor.accept('IF', 'NOT', 'EXISTS')
  const path = parseTablePath(cursor)
  cursor.expect('CLONE')
  const source = { kind: 'copy' as const, path: parseTablePath(cursor) }
  if (cursor.is('FOR')) throw cursor.unsupported('FOR SYSTEM_TIME AS OF')
  const options = optionalOptions(cursor)
  const none = { columns: null, keys: [], partitionBy: null, clusterBy: [] }
  const flags = { snapshot: true, orReplace, temporary: false, ifNotExists }
  return { kind: 'createTable', at, ...flags, path, ...none, source, options }
}

function parseColumnDefinitions(cursor: Cursor): { columns: ColumnDefinition[]; keys: KeyConstraint[] } {
  cursor.expect('(')
  const columns: ColumnDefinition[] = []
  const keys: KeyConstraint[] = []
  do {
    if (cursor.is(')')) break
    const key = parseKey(cursor)
    if (key) keys.push(key)
    else columns.push(parseColumn(cursor, keys))
  } while (cursor.accept(','))
  cursor.expect(')')
  return { columns, keys }
}

/** https://cloud.google.com/bigquery/docs/primary-foreign-keys: both are NOT ENFORCED. */
function parseKey(cursor: Cursor): KeyConstraint | null {
  const { at } = cursor
  const starts = (ahead: number): boolean =>
    ['PRIMARY', 'FOREIGN'].includes(cursor.peek(ahead).word) && cursor.peek(ahead + 1).word === 'KEY'
  let name: string | null = null
  if (cursor.is('CONSTRAINT') && starts(2)) {
    cursor.take()
    name = cursor.name().text
  } else if (!starts(0)) return null
  const primary = cursor.take().word === 'PRIMARY'
  cursor.expect('KEY')
  const columns = parseNames(cursor)
  if (!primary) return parseReferences(cursor, at, name, columns)
  cursor.expect('NOT', 'ENFORCED')
  return { kind: 'primary', at, name, columns }
}

function parseReferences(
  cursor: Cursor,
  at: number,
  name: string | null,
  columns: readonly Name[],
): KeyConstraint {
  cursor.expect('REFERENCES')
  const path = parseTablePath(cursor)
  const referenced = parseNames(cursor)
  cursor.expect('NOT', 'ENFORCED')
  return { kind: 'foreign', at, name, columns, path, referenced }
}

function parseNames(cursor: Cursor): Name[] {
  cursor.expect('(')
  const names = cursor.list(() => cursor.name())
  cursor.expect(')')
  return names
}

/** A column; keys that it declares for itself are added to `keys`. */
function parseColumn(cursor: Cursor, keys: KeyConstraint[] = []): ColumnDefinition {
  const { at } = cursor
  const own = cursor.name()
  const name = own.text
  const type = parseType(cursor)
  if (cursor.is('COLLATE', 'GENERATED')) throw cursor.unsupported(`column ${cursor.token.word}`)
  let value: Expression | null = null
  let notNull = false
  while (cursor.is('DEFAULT', 'NOT', 'PRIMARY', 'REFERENCES')) {
    if (cursor.accept('NOT', 'NULL')) notNull = true
    else if (cursor.accept('PRIMARY', 'KEY')) {
      cursor.expect('NOT', 'ENFORCED')
      keys.push({ kind: 'primary', at, name: null, columns: [own] })
    } else if (cursor.is('REFERENCES')) keys.push(parseReferences(cursor, at, null, [own]))
    else {
      cursor.expect('DEFAULT')
      value = parseExpression(cursor, 4)
    }
  }
  return { at, name, type, notNull, default: value, options: optionalOptions(cursor) }
}

function parseCreateView(
  cursor: Cursor,
  at: number,
  flags: { orReplace: boolean; materialized: boolean },
): Unfinished {
  const ifNotExists = cursor.accept('IF', 'NOT', 'EXISTS')
  const path = parseTablePath(cursor)
  let columns: { name: Name; options: Option[] }[] | null = null
  if (cursor.accept('(')) {
    columns = cursor.list(() => ({ name: cursor.name(), options: optionalOptions(cursor) }))
    cursor.expect(')')
  }
  if (cursor.is('PARTITION', 'CLUSTER')) throw cursor.unsupported('partitioned materialized view')
  const options = optionalOptions(cursor)
  cursor.expect('AS')
  const start = cursor.at
  const query = parseQuery(cursor)
  const queryText = cursor.source.slice(start, cursor.lastEnd)
  return { kind: 'createView', at, ...flags, ifNotExists, path, columns, options, query, queryText }
}

function parseArguments(cursor: Cursor): RoutineArgument[] {
  cursor.expect('(')
  if (cursor.accept(')')) return []
  const args = cursor.list((): RoutineArgument => {
    const mode: RoutineArgument['mode'] = cursor.accept('INOUT')
      ? 'INOUT'
      : cursor.is('IN', 'OUT')
        ? (cursor.take().word as 'IN' | 'OUT')
        : 'IN'
    const name = cursor.name().text
    const { at } = cursor
    if (cursor.accept('ANY', 'TYPE'))
      return { name, type: { kind: 'named', at, name: 'ANY TYPE', parameters: [] }, mode }
    return { name, type: parseType(cursor), mode }
  })
  cursor.expect(')')
  return args
}

function parseCreateProcedure(cursor: Cursor, at: number, orReplace: boolean): Unfinished {
  const ifNotExists = cursor.accept('IF', 'NOT', 'EXISTS')
  const path = parseTablePath(cursor)
  const args = parseArguments(cursor)
  const given = optionalOptions(cursor)
  for (const option of given)
    if (!['strict_mode', 'description'].includes(option.name.text.toLowerCase()))
      throw cursor.unsupported(`option ${option.name.text}`)
  const options = given.filter(isDescription)
  if (cursor.is('LANGUAGE', 'WITH', 'EXTERNAL')) throw cursor.unsupported('procedure in another language')
  const begin = cursor.at
  cursor.expect('BEGIN')
  const block = parseBlock(cursor, begin)
  const bodyText = cursor.source.slice(begin, cursor.lastEnd)
  const body = [{ ...block, end: cursor.lastEnd }]
  return {
    kind: 'createProcedure',
    at,
    orReplace,
    ifNotExists,
    path,
    arguments: args,
    body,
    options,
    bodyText,
  }
}

function parseCreateFunction(
  cursor: Cursor,
  at: number,
  flags: { orReplace: boolean; temporary: boolean },
): Unfinished {
  const ifNotExists = cursor.accept('IF', 'NOT', 'EXISTS')
  const path = parseTablePath(cursor)
  const args = parseArguments(cursor)
  const returns = cursor.accept('RETURNS') ? parseType(cursor) : null
  if (cursor.is('LANGUAGE', 'REMOTE', 'DETERMINISTIC'))
    throw cursor.unsupported('function in another language')
  const before = descriptionOnly(cursor)
  cursor.expect('AS')
  cursor.expect('(')
  const start = cursor.at
  const body = parseExpression(cursor)
  const bodyText = cursor.source.slice(start, cursor.lastEnd)
  cursor.expect(')')
  const options = [...before, ...descriptionOnly(cursor)]
  const what = { path, arguments: args, returns, body, options, bodyText }
  return { kind: 'createFunction', at, ...flags, ifNotExists, ...what }
}

/** Options of functions: a description. */
function descriptionOnly(cursor: Cursor): readonly Option[] {
  const options = optionalOptions(cursor)
  const other = options.find((option) => !isDescription(option))
  if (other) throw unsupported(other.name.at, `option ${other.name.text} of a function`)
  return options
}

function isDescription({ name }: Option): boolean {
  return name.text.toLowerCase() === 'description'
}

function parseCreateTableFunction(cursor: Cursor, at: number, orReplace: boolean): Unfinished {
  const ifNotExists = cursor.accept('IF', 'NOT', 'EXISTS')
  const path = parseTablePath(cursor)
  const args = parseArguments(cursor)
  let returns: ColumnDefinition[] | null = null
  if (cursor.accept('RETURNS', 'TABLE', '<')) {
    returns = cursor.list(() => parseColumn(cursor))
    cursor.closeAngle()
  }
  const options = descriptionOnly(cursor)
  cursor.expect('AS')
  const wrapped = cursor.is('(') && !startsQuery(cursor) && cursor.accept('(')
  const start = cursor.at
  const query = parseQuery(cursor)
  const bodyText = cursor.source.slice(start, cursor.lastEnd)
  if (wrapped) cursor.expect(')')
  return {
    kind: 'createTableFunction',
    at,
    orReplace,
    ifNotExists,
    path,
    arguments: args,
    returns,
    query,
    options,
    bodyText,
  }
}

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/bigqueryml-syntax-create-glm */
function parseCreateModel(cursor: Cursor, at: number, orReplace: boolean): Unfinished {
  const ifNotExists = cursor.accept('IF', 'NOT', 'EXISTS')
  const path = parseTablePath(cursor)
  let transformText: string | null = null
  if (cursor.accept('TRANSFORM', '(')) {
    const start = cursor.at
    cursor.list(() => parseSelectItem(cursor))
    transformText = cursor.source.slice(start, cursor.lastEnd)
    cursor.expect(')')
  }
  if (cursor.is('INPUT', 'OUTPUT', 'REMOTE')) throw cursor.unsupported('remote or imported model')
  const options = optionalOptions(cursor)
  if (!cursor.accept('AS'))
    return { kind: 'createModel', at, orReplace, ifNotExists, path, transformText, options, query: null }
  const named = cursor.is('(') && cursor.peek().kind === 'name' && cursor.peek(2).word === 'AS'
  if (named) throw cursor.unsupported('training data with holidays')
  const query = parseQuery(cursor)
  return { kind: 'createModel', at, orReplace, ifNotExists, path, transformText, options, query }
}

export function parseDrop(cursor: Cursor, at: number): Unfinished {
  cursor.expect('DROP')
  const materialized = cursor.accept('MATERIALIZED')
  if (cursor.is('EXTERNAL')) throw cursor.unsupported('DROP EXTERNAL TABLE')
  const snapshot = cursor.accept('SNAPSHOT')
  const kinds = ['TABLE FUNCTION', 'TABLE', 'VIEW', 'SCHEMA', 'PROCEDURE', 'FUNCTION', 'MODEL'] as const
  const object: ObjectKind | undefined = kinds.find((kind) => cursor.accept(...kind.split(' ')))
  if (!object) throw cursor.unsupported(`DROP ${cursor.token.text}`)
  const ifExists = cursor.accept('IF', 'EXISTS')
  const path = parseTablePath(cursor)
  const cascade = cursor.accept('CASCADE')
  cursor.accept('RESTRICT')
  return { kind: 'drop', at, object, materialized, snapshot, ifExists, path, cascade }
}

export function parseAlter(cursor: Cursor, at: number): Unfinished {
  cursor.expect('ALTER')
  if (cursor.accept('SCHEMA')) {
    const ifExists = cursor.accept('IF', 'EXISTS')
    const path = parseTablePath(cursor)
    cursor.expect('SET')
    return { kind: 'alterSchema', at, ifExists, path, options: parseOptions(cursor) }
  }
  if (cursor.accept('MODEL')) {
    const ifExists = cursor.accept('IF', 'EXISTS')
    const path = parseTablePath(cursor)
    cursor.expect('SET')
    return { kind: 'alterModel', at, ifExists, path, options: parseOptions(cursor) }
  }
  const materialized = cursor.accept('MATERIALIZED')
  const view = cursor.accept('VIEW')
  if (!view && (materialized || !cursor.accept('TABLE')))
    throw cursor.unsupported(`ALTER ${cursor.token.text}`)
  const object = materialized ? 'MATERIALIZED_VIEW' : view ? 'VIEW' : 'TABLE'
  const ifExists = cursor.accept('IF', 'EXISTS')
  const path = parseTablePath(cursor)
  return {
    kind: 'alterTable',
    at,
    object,
    ifExists,
    path,
    actions: cursor.list(() => parseAlterAction(cursor)),
  }
}

function parseAlterAction(cursor: Cursor): AlterAction {
  const { at } = cursor
  if (cursor.accept('SET')) return { kind: 'setOptions', at, options: parseOptions(cursor) }
  if (cursor.accept('ADD', 'COLUMN')) {
    const ifNotExists = cursor.accept('IF', 'NOT', 'EXISTS')
    return { kind: 'addColumn', at, ifNotExists, column: parseColumn(cursor) }
  }
  if (cursor.accept('ADD')) {
    const constraint = cursor.is('CONSTRAINT') && cursor.peek().word === 'IF'
    const ifNotExists = constraint || cursor.peek(2).word === 'IF'
    const named = ifNotExists ? parseOptionalKey(cursor) : parseKey(cursor)
    if (!named) throw cursor.unsupported(`ALTER TABLE ADD ${cursor.token.text}`)
    return { kind: 'addKey', at, key: named, ifNotExists }
  }
  if (cursor.accept('DROP', 'PRIMARY', 'KEY'))
    return { kind: 'dropPrimaryKey', at, ifExists: cursor.accept('IF', 'EXISTS') }
  if (cursor.accept('DROP', 'CONSTRAINT')) {
    const ifExists = cursor.accept('IF', 'EXISTS')
    return { kind: 'dropConstraint', at, ifExists, name: cursor.name().text }
  }
  if (cursor.accept('DROP', 'COLUMN')) {
    const ifExists = cursor.accept('IF', 'EXISTS')
    return { kind: 'dropColumn', at, ifExists, column: cursor.name().text }
  }
  if (cursor.accept('RENAME', 'COLUMN')) {
    const ifExists = cursor.accept('IF', 'EXISTS')
    const column = cursor.name().text
    cursor.expect('TO')
    return { kind: 'renameColumn', at, ifExists, column, to: cursor.name().text }
  }
  if (cursor.accept('RENAME', 'TO')) return { kind: 'renameTo', at, name: cursor.name().text }
  if (cursor.accept('ALTER', 'COLUMN', 'IF', 'EXISTS')) return parseAlterColumn(cursor, at, true)
  if (cursor.accept('ALTER', 'COLUMN')) return parseAlterColumn(cursor, at)
  throw cursor.unsupported(`ALTER TABLE … ${cursor.token.text}`)
}

/** CONSTRAINT IF NOT EXISTS name FOREIGN KEY … */
function parseOptionalKey(cursor: Cursor): KeyConstraint | null {
  const { at } = cursor
  cursor.expect('CONSTRAINT', 'IF', 'NOT', 'EXISTS')
  const name = cursor.name().text
  const key = parseKey(cursor)
  return key && { ...key, at, name }
}

function parseAlterColumn(cursor: Cursor, at: number, ifExists = false): AlterAction {
  const column = cursor.name().text
  if (cursor.accept('DROP', 'NOT', 'NULL')) return { kind: 'dropNotNull', at, ifExists, column }
  if (cursor.accept('DROP', 'DEFAULT')) return { kind: 'columnDefault', at, ifExists, column, value: null }
  if (cursor.accept('SET', 'DEFAULT'))
    return { kind: 'columnDefault', at, ifExists, column, value: parseExpression(cursor) }
  if (cursor.is('SET') && cursor.peek().word === 'OPTIONS') {
    cursor.take()
    return { kind: 'columnOptions', at, ifExists, column, options: parseOptions(cursor) }
  }
  if (cursor.accept('SET', 'DATA', 'TYPE'))
    return { kind: 'columnType', at, ifExists, column, type: parseType(cursor) }
  throw cursor.unsupported('ALTER COLUMN')
}
