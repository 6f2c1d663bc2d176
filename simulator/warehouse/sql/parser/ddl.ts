import type {
  AlterAction,
  ColumnDefinition,
  CreateTable,
  Expression,
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
  if (cursor.accept('SNAPSHOT', 'TABLE')) return parseSnapshot(cursor, at)
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
  const columns = cursor.is('(') ? parseColumnDefinitions(cursor) : null
  if (cursor.is('DEFAULT')) throw cursor.unsupported('DEFAULT COLLATE')
  const partitionBy = cursor.accept('PARTITION', 'BY') ? parseExpression(cursor) : null
  const clusterBy: Name[] = cursor.accept('CLUSTER', 'BY') ? cursor.list(() => cursor.name()) : []
  const options = optionalOptions(cursor)
  if (cursor.accept('AS')) source = { kind: 'query', query: parseQuery(cursor) }
  return {
    kind: 'createTable',
    at,
    ...flags,
    ifNotExists,
    path,
    columns,
    source,
    partitionBy,
    clusterBy,
    options,
  }
}

function parseSnapshot(cursor: Cursor, at: number): Unfinished {
  const ifNotExists = cursor.accept('IF', 'NOT', 'EXISTS')
  const path = parseTablePath(cursor)
  cursor.expect('CLONE')
  const source = { kind: 'copy' as const, path: parseTablePath(cursor) }
  if (cursor.is('FOR')) throw cursor.unsupported('FOR SYSTEM_TIME AS OF')
  const options = optionalOptions(cursor)
  return {
    kind: 'createTable',
    at,
    orReplace: false,
    temporary: false,
    ifNotExists,
    path,
    columns: null,
    source,
    partitionBy: null,
    clusterBy: [],
    options,
  }
}

function parseColumnDefinitions(cursor: Cursor): ColumnDefinition[] {
  cursor.expect('(')
  const columns: ColumnDefinition[] = []
  do {
    if (cursor.is(')')) break
    const keyed =
      ['PRIMARY', 'FOREIGN', 'CONSTRAINT'].some((word) => cursor.is(word)) && cursor.peek().kind === 'name'
    if (keyed && (cursor.sees('PRIMARY', 'KEY') || cursor.sees('FOREIGN', 'KEY') || cursor.is('CONSTRAINT')))
      throw cursor.unsupported('key constraint')
    columns.push(parseColumn(cursor))
  } while (cursor.accept(','))
  cursor.expect(')')
  return columns
}

function parseColumn(cursor: Cursor): ColumnDefinition {
  const { at } = cursor
  const name = cursor.name().text
  const type = parseType(cursor)
  if (cursor.is('COLLATE', 'GENERATED', 'PRIMARY', 'REFERENCES'))
    throw cursor.unsupported(`column ${cursor.token.word}`)
  let value: Expression | null = null
  let notNull = false
  while (cursor.is('DEFAULT', 'NOT')) {
    if (cursor.accept('NOT', 'NULL')) notNull = true
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
  for (const option of optionalOptions(cursor))
    if (!['strict_mode', 'description'].includes(option.name.text))
      throw cursor.unsupported(`option ${option.name.text}`)
  if (cursor.is('LANGUAGE', 'WITH', 'EXTERNAL')) throw cursor.unsupported('procedure in another language')
  const begin = cursor.at
  cursor.expect('BEGIN')
  const block = parseBlock(cursor, begin)
  const bodyText = cursor.source.slice(begin, cursor.lastEnd)
  const body = [{ ...block, end: cursor.lastEnd }]
  return { kind: 'createProcedure', at, orReplace, ifNotExists, path, arguments: args, body, bodyText }
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
  descriptionOnly(cursor)
  cursor.expect('AS')
  cursor.expect('(')
  const start = cursor.at
  const body = parseExpression(cursor)
  const bodyText = cursor.source.slice(start, cursor.lastEnd)
  cursor.expect(')')
  descriptionOnly(cursor)
  return { kind: 'createFunction', at, ...flags, ifNotExists, path, arguments: args, returns, body, bodyText }
}

/** Options of functions; a description is read and not kept. */
function descriptionOnly(cursor: Cursor): void {
  for (const option of optionalOptions(cursor))
    if (option.name.text.toLowerCase() !== 'description')
      throw unsupported(option.name.at, `option ${option.name.text} of a function`)
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
  descriptionOnly(cursor)
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
  cursor.accept('MATERIALIZED')
  cursor.accept('SNAPSHOT')
  const kinds = ['TABLE FUNCTION', 'TABLE', 'VIEW', 'SCHEMA', 'PROCEDURE', 'FUNCTION', 'MODEL'] as const
  const object: ObjectKind | undefined = kinds.find((kind) => cursor.accept(...kind.split(' ')))
  if (!object) throw cursor.unsupported(`DROP ${cursor.token.text}`)
  const ifExists = cursor.accept('IF', 'EXISTS')
  const path = parseTablePath(cursor)
  const cascade = cursor.accept('CASCADE')
  cursor.accept('RESTRICT')
  return { kind: 'drop', at, object, ifExists, path, cascade }
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
  cursor.accept('MATERIALIZED')
  if (!cursor.accept('VIEW') && !cursor.accept('TABLE'))
    throw cursor.unsupported(`ALTER ${cursor.token.text}`)
  const ifExists = cursor.accept('IF', 'EXISTS')
  const path = parseTablePath(cursor)
  return { kind: 'alterTable', at, ifExists, path, actions: cursor.list(() => parseAlterAction(cursor)) }
}

function parseAlterAction(cursor: Cursor): AlterAction {
  const { at } = cursor
  if (cursor.accept('SET')) return { kind: 'setOptions', at, options: parseOptions(cursor) }
  if (cursor.accept('ADD', 'COLUMN')) {
    const ifNotExists = cursor.accept('IF', 'NOT', 'EXISTS')
    return { kind: 'addColumn', at, ifNotExists, column: parseColumn(cursor) }
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
  if (cursor.accept('ALTER', 'COLUMN')) return parseAlterColumn(cursor, at)
  throw cursor.unsupported(`ALTER TABLE … ${cursor.token.text}`)
}

function parseAlterColumn(cursor: Cursor, at: number): AlterAction {
  if (cursor.is('IF')) throw cursor.unsupported('ALTER COLUMN IF EXISTS')
  const column = cursor.name().text
  if (cursor.accept('DROP', 'NOT', 'NULL')) return { kind: 'dropNotNull', at, column }
  if (cursor.accept('DROP', 'DEFAULT')) return { kind: 'columnDefault', at, column, value: null }
  if (cursor.accept('SET', 'DEFAULT'))
    return { kind: 'columnDefault', at, column, value: parseExpression(cursor) }
  if (cursor.is('SET') && cursor.peek().word === 'OPTIONS') {
    cursor.take()
    return { kind: 'columnOptions', at, column, options: parseOptions(cursor) }
  }
  throw cursor.unsupported('ALTER COLUMN')
}
