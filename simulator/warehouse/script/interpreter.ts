import { rootEnv } from '../analyze/context.ts'
import { analyzeCondition, analyzeExpression, analyzeText } from '../analyze/expression.ts'
import { coerceOrFail } from '../analyze/coerce.ts'
import { fieldOf } from '../analyze/expression.ts'
import { resolvePath } from '../analyze/table.ts'
import { nullOf, stringLiteral, type Typed, typed } from '../analyze/typed.ts'
import { resolveType } from '../analyze/types.ts'
import { execute, scalar } from '../engine/database.ts'
import { translateError } from '../engine/errors.ts'
import { noRows } from '../engine/rows.ts'
import { Cursor } from '../sql/parser/cursor.ts'
import { parseScript } from '../sql/parser/statement.ts'
import { parseType } from '../sql/parser/type.ts'
import { invalid, lineAndColumn, notFound, SqlProblem, unsupported, withSource } from '../sql/problem.ts'
import type { Expression, Statement } from '../sql/syntax.ts'
import { duckType } from '../types/duck.ts'
import { STRING, type Type, typeText } from '../types/type.ts'
import { WarehouseError } from '../warehouse.ts'
import { planAlterModel, planCreateModel } from '../ml/create-model.ts'
import { checkFunction, planCreateRoutine, planCreateTableFunction } from './routines.ts'
import { planAlterSchema, planCreateSchema } from './datasets.ts'
import { planAlterTable } from './alter-table.ts'
import { planCreateTable } from './create-table.ts'
import { planCreateView } from './create-view.ts'
import { planDrop } from './drop.ts'
import { type DdlPlan } from './plan.ts'
import { add, type Counts, type Plan } from './counts.ts'
import { planDelete, planTruncate } from './delete.ts'
import { planInsert } from './insert.ts'
import { planMerge } from './merge.ts'
import { planUpdate } from './update.ts'
import { runQuery } from './query.ts'
import type { Session, StatementResult } from './session.ts'
import { expire } from '../engine/partitions.ts'

type Of<K extends Statement['kind']> = Statement & { kind: K }

/** RAISE in a handler without a message throws the error that it handles. */
interface Handling {
  readonly error: WarehouseError | null
}

/** Runs the statements of one source text, one after another. */
export class Interpreter {
  private readonly session: Session
  private readonly source: string
  /** The last query's result and the rows that all statements changed. */
  last: StatementResult | null = null
  counts: Counts = { inserted: 0, updated: 0, deleted: 0 }
  changed = false
  private returned = false

  constructor(session: Session, source: string) {
    this.session = session
    this.source = source
  }

  async run(statements: readonly Statement[], handling: Handling = { error: null }): Promise<void> {
    for (const statement of statements) {
      if (this.returned) return
      try {
        await this.one(statement, handling)
      } catch (error) {
        throw located(error, statement, this.source)
      }
    }
  }

  private async one(statement: Statement, handling: Handling): Promise<void> {
    switch (statement.kind) {
      case 'query':
        await this.last?.rows.close()
        this.last = await runQuery(statement.query, this.session)
        return
      case 'insert':
        return this.write('INSERT', planInsert(statement, this.session))
      case 'update':
        return this.write('UPDATE', planUpdate(statement, this.session))
      case 'delete':
        return this.write('DELETE', planDelete(statement, this.session))
      case 'truncate':
        return this.write('TRUNCATE_TABLE', planTruncate(statement, this.session))
      case 'merge':
        return this.write('MERGE', planMerge(statement, this.session))
      case 'createTable':
        return this.define(
          planName(statement),
          planCreateTable(statement, this.session, this.source),
          statement.temporary,
        )
      case 'createView':
        return this.define(
          statement.materialized ? 'CREATE_MATERIALIZED_VIEW' : 'CREATE_VIEW',
          planCreateView(statement, this.session),
        )
      case 'createSchema':
        return this.define('CREATE_SCHEMA', planCreateSchema(statement, this.session))
      case 'alterSchema':
        return this.define('ALTER_SCHEMA', planAlterSchema(statement, this.session))
      case 'alterTable':
        return this.define('ALTER_TABLE', planAlterTable(statement, this.session, this.source))
      case 'createModel':
        return this.define('CREATE_MODEL', planCreateModel(statement, this.session))
      case 'alterModel':
        return this.define('ALTER_MODEL', planAlterModel(statement, this.session))
      case 'createTableFunction':
        return this.define('CREATE_TABLE_FUNCTION', planCreateTableFunction(statement, this.session))
      case 'drop':
        return this.define(
          `DROP_${statement.object.replace(' ', '_')}`,
          planDrop(statement, this.session),
          statement.path.parts.length === 1 &&
            this.session.temporary.has(statement.path.parts[0]!.toLowerCase()),
        )
      case 'createProcedure':
        return this.define('CREATE_PROCEDURE', planCreateRoutine(statement, this.session))
      case 'createFunction':
        return this.createFunction(statement)
      case 'call':
        return this.callProcedure(statement)
      case 'declare':
        return this.declare(statement)
      case 'set':
        return this.set(statement)
      case 'if':
        return this.branch(statement, handling)
      case 'block':
        return this.block(statement, handling)
      case 'raise':
        return this.raise(statement, handling)
      case 'assert':
        return this.assert(statement)
      case 'transaction':
        return this.transaction(statement)
      case 'return':
        this.returned = true
    }
  }

  private async write(statementType: string, plan: Plan): Promise<void> {
    await expire(
      this.session.database,
      this.session.request.now,
      [...this.session.referenced, plan.target],
      this.session,
    )
    const counts = await this.session.write(() => plan.run())
    this.counts = add(this.counts, counts)
    this.changed = true
    this.last = { statementType, schema: [], rows: noRows, dml: counts }
    const { dataset, table } = plan.target
    const { referenced } = this.session
    if (dataset !== '' && !referenced.some((other) => other.dataset === dataset && other.table === table))
      referenced.push({ dataset, table })
  }

  private async define(statementType: string, plan: DdlPlan, temporary = false): Promise<void> {
    if (this.session.inTransaction && !temporary)
      throw new WarehouseError({
        reason: 'invalidQuery',
        location: 'query',
        message: `${statementType} is not supported in a transaction`,
      })
    await expire(this.session.database, this.session.request.now, this.session.referenced, this.session)
    await this.session.write((changes) => plan.run(changes))
    this.last = { statementType, schema: [], rows: noRows, ddl: plan.ddl }
  }

  private async createFunction(statement: Of<'createFunction'>): Promise<void> {
    if (!statement.temporary)
      return this.define('CREATE_FUNCTION', planCreateRoutine(statement, this.session))
    checkFunction(statement, this.session)
    const { returns, body } = statement
    this.session.temporaryFunctions.set(statement.path.parts[0]!.toLowerCase(), {
      arguments: statement.arguments,
      returns,
      body,
      source: this.source,
    })
    this.last = { statementType: 'CREATE_FUNCTION', schema: [], rows: noRows }
  }

  /** A procedure sees its arguments as names, not its caller's variables. */
  private async callProcedure(statement: Of<'call'>): Promise<void> {
    const { session } = this
    const context = session.context()
    const { dataset, table: name } = resolvePath(statement.path, context)
    const routine = context.catalog.routine(dataset, name)
    if (routine?.kind !== 'PROCEDURE')
      throw notFound(statement.path.at, `Not found: Procedure ${context.project}:${dataset}.${name}`)
    if (routine.arguments.length !== statement.arguments.length)
      throw invalid(
        statement.at,
        `Procedure ${dataset}.${name} takes ${routine.arguments.length} arguments, got ${statement.arguments.length}`,
      )
    const variables = new Map<string, Typed>()
    for (const [i, argument] of routine.arguments.entries()) {
      const type = resolveType(parseType(new Cursor(argument.type)))
      const value = coerceOrFail(
        analyzeExpression(statement.arguments[i]!, rootEnv(context)),
        type,
        statement.arguments[i]!.at,
        `Argument ${argument.name}`,
      )
      variables.set(argument.name.toLowerCase(), await this.keep(value))
    }
    const outer = session.variables
    session.variables = variables
    const inner = new Interpreter(session, routine.body)
    try {
      const body = withSource(routine.body, () => parseScript(routine.body))
      await inner.run(body)
    } finally {
      session.variables = outer
    }
    this.counts = add(this.counts, inner.counts)
    this.changed ||= inner.changed
    this.last = inner.last
      ? { ...inner.last, statementType: 'CALL' }
      : { statementType: 'CALL', schema: [], rows: noRows }
  }

  /** Evaluates a value once and keeps it on the connection. */
  private async keep(value: Typed): Promise<Typed> {
    const name = `v${this.session.unique()}`
    await execute(
      this.session.connection,
      `SET VARIABLE ${name} = (SELECT CAST(${value.sql} AS ${duckType(value.type)}))`,
    )
    return typed(`CAST(getvariable('${name}') AS ${duckType(value.type)})`, value.type)
  }

  private async declare(statement: Of<'declare'>): Promise<void> {
    const env = rootEnv(this.session.context())
    const given = statement.default ? analyzeExpression(statement.default, env) : null
    const type: Type | null = statement.type ? resolveType(statement.type) : (given?.type ?? null)
    if (!type) throw invalid(statement.at, 'DECLARE needs a type or a default')
    const value = given ? coerceOrFail(given, type, statement.default!.at, 'Default') : nullOf(type)
    const variables = new Map(this.session.variables)
    for (const name of statement.names) {
      if (variables.has(name.text.toLowerCase()))
        throw invalid(name.at, `Variable '${name.text}' redeclaration`)
      variables.set(name.text.toLowerCase(), await this.keep(value))
    }
    this.session.variables = variables
  }

  private async set(statement: Of<'set'>): Promise<void> {
    const value = analyzeExpression(statement.value, rootEnv(this.session.context()))
    const variables = new Map(this.session.variables)
    const whole = statement.names.length > 1 ? await this.keep(value) : value
    for (const [i, name] of statement.names.entries()) {
      const known = variables.get(name.text.toLowerCase())
      if (!known) throw invalid(name.at, `Undeclared variable: ${name.text}`)
      const part = statement.names.length === 1 ? whole : partOf(whole, i, statement)
      variables.set(
        name.text.toLowerCase(),
        await this.keep(coerceOrFail(part, known.type, statement.value.at, `Value of variable ${name.text}`)),
      )
    }
    this.session.variables = variables
  }

  private async condition(expression: Expression, what: string): Promise<boolean> {
    const value = analyzeCondition(expression, rootEnv(this.session.context()), what)
    await expire(this.session.database, this.session.request.now, this.session.referenced, this.session)
    return (await scalar(this.session.connection, `SELECT ${value.sql}`)) === true
  }

  private async branch(statement: Of<'if'>, handling: Handling): Promise<void> {
    for (const { condition, body } of statement.branches)
      if (await this.condition(condition, 'IF condition')) return this.run(body, handling)
    return this.run(statement.otherwise, handling)
  }

  private async block(statement: Of<'block'>, handling: Handling): Promise<void> {
    const outer = this.session.variables
    try {
      await this.run(statement.body, handling)
    } catch (error) {
      if (!statement.handler) throw error
      const handled = translateError(error)
      if (handled.reason === 'stopped') throw handled
      this.session.variables = outer
      const system = this.session.system
      const message = stringLiteral(handled.message)
      this.session.system = new Map([
        ...system,
        ['error.message', typed(message.sql, STRING)],
        ['error.statement_text', nullOf(STRING)],
      ])
      await this.run(statement.handler, { error: handled })
      this.session.system = system
    } finally {
      this.session.variables = kept(outer, this.session.variables)
    }
  }

  private async raise(statement: Of<'raise'>, handling: Handling): Promise<void> {
    if (!statement.message) {
      if (!handling.error)
        throw invalid(statement.at, 'RAISE without a message is only allowed in an exception handler')
      throw handling.error
    }
    const value = analyzeText(statement.message, rootEnv(this.session.context()))
    throw new WarehouseError({
      reason: 'invalidQuery',
      location: 'query',
      message: String(await scalar(this.session.connection, `SELECT ${value.sql}`)),
    })
  }

  private async assert(statement: Of<'assert'>): Promise<void> {
    const message = statement.message ? analyzeText(statement.message, rootEnv(this.session.context())) : null
    if (!(await this.condition(statement.condition, 'ASSERT expression'))) {
      const text = message
        ? String(await scalar(this.session.connection, `SELECT ${message.sql}`))
        : `Assertion failed`
      throw new WarehouseError({ reason: 'invalidQuery', location: 'query', message: text })
    }
    this.last ??= { statementType: 'ASSERT', schema: [], rows: noRows }
  }

  private async transaction(statement: Of<'transaction'>): Promise<void> {
    const { session } = this
    const name = {
      BEGIN: 'BEGIN_TRANSACTION',
      COMMIT: 'COMMIT_TRANSACTION',
      ROLLBACK: 'ROLLBACK_TRANSACTION',
    }[statement.action]
    if (statement.action === 'BEGIN') {
      if (session.inTransaction) throw invalid(statement.at, 'A transaction is already in progress')
      await session.begin()
    } else {
      if (!session.inTransaction)
        throw invalid(statement.at, `There is no transaction to ${statement.action.toLowerCase()}`)
      await (statement.action === 'COMMIT' ? session.commit() : session.rollback())
    }
    this.last ??= { statementType: name, schema: [], rows: noRows }
  }
}

function planName(statement: Of<'createTable'>): string {
  return statement.source?.kind === 'query' ? 'CREATE_TABLE_AS_SELECT' : 'CREATE_TABLE'
}

/** The part of a struct for one of SET's several names. */
function partOf(value: Typed, i: number, statement: Of<'set'>): Typed {
  if (value.type.kind !== 'struct' || value.type.fields.length !== statement.names.length)
    throw unsupported(statement.at, `SET of several variables from ${typeText(value.type)}`)
  const field = value.type.fields[i]!
  return fieldOf(
    {
      ...value,
      type: {
        kind: 'struct',
        fields: value.type.fields.map((other, j) => ({ ...other, name: other.name ?? `_field_${j + 1}` })),
      },
    },
    field.name ?? `_field_${i + 1}`,
    statement.at,
  )
}

/** After a block, the variables from before it, with the values that it gave them. */
function kept(
  outer: ReadonlyMap<string, Typed>,
  inner: ReadonlyMap<string, Typed>,
): ReadonlyMap<string, Typed> {
  return new Map([...outer.keys()].map((name) => [name, inner.get(name) ?? outer.get(name)!]))
}

/** Failures while running say where their statement begins, like BigQuery's scripts. */
function located(error: unknown, statement: Statement, source: string): unknown {
  if (error instanceof SqlProblem) {
    try {
      return withSource(source, () => {
        throw error
      })
    } catch (translated) {
      return translated
    }
  }
  const translated = translateError(error)
  if (statement.kind === 'block' || statement.kind === 'if' || /\bat \[?\d+:\d+\]?$/.test(translated.message))
    return translated
  const { line, column } = lineAndColumn(source, statement.at)
  if (translated.reason !== 'invalidQuery') return translated
  return new WarehouseError({
    reason: translated.reason,
    location: 'query',
    message: `${translated.message} at [${line}:${column}]`,
  })
}
