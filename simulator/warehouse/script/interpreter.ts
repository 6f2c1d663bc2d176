import { rootEnv } from '../analyze/context.ts'
import { analyzeCondition, analyzeText } from '../analyze/expression.ts'
import { scalar } from '../engine/database.ts'
import { translateError } from '../engine/errors.ts'
import { touch } from '../catalog/touch.ts'
import { expire } from '../engine/partitions.ts'
import { noRows } from '../engine/rows.ts'
import { parseScript } from '../../../sql/parser/statement.ts'
import { invalid, lineAndColumn, unsupported } from '../../../sql/problem.ts'
import { withSource } from '../problem.ts'
import type { Expression, Statement } from '../../../sql/syntax.ts'
import { WarehouseError } from '../warehouse.ts'
import { prepareCall } from './call.ts'
import { add, type Counts } from './counts.ts'
import { type Change, type Definition, planChange, planDefinition } from './definition.ts'
import { type Of } from './plan.ts'
import { runQuery } from './query.ts'
import { checkFunction, planCreateRoutine } from './routines.ts'
import { note, type Session, type StatementResult } from './session.ts'
import { located, reportStatement, steps } from './report.ts'
import { setSystemVariable } from './system-variables.ts'
import { errorVariables, remember, traceOf } from './trace.ts'
import { assign, declareVariables, kept, setVariables } from './variables.ts'

/** RAISE in a handler without a message throws the error that it handles. */
interface Handling {
  readonly error: WarehouseError | null
}

/** Runs the statements of one source text, one after another. */
export class Interpreter {
  readonly session: Session
  readonly source: string
  readonly procedure: string | null
  /** The last query's result and the rows that all statements changed. */
  last: StatementResult | null = null
  counts: Counts = { inserted: 0, updated: 0, deleted: 0 }
  changed = false
  private returned = false

  constructor(session: Session, source: string, procedure: string | null = null) {
    this.session = session
    this.source = source
    this.procedure = procedure
  }

  async run(statements: readonly Statement[], handling: Handling = { error: null }): Promise<void> {
    for (const statement of statements) {
      if (this.returned) return
      const { session } = this
      const outer = session.referenced
      const before = session.bytes
      session.referenced = []
      session.bytes = { processed: 0, billed: 0 }
      session.text = this.source.slice(statement.at, statement.end)
      try {
        await this.one(statement, handling)
        this.report(statement, null)
      } catch (error) {
        const failure = this.traced(located(error, statement, this.source), error, statement)
        this.report(statement, failure)
        throw failure
      } finally {
        for (const name of session.referenced) note(outer, name)
        session.referenced = outer
        session.bytes = {
          processed: before.processed + session.bytes.processed,
          billed: before.billed + session.bytes.billed,
        }
      }
    }
  }

  /** Remembers which statement failed, and that this text was on the way to it. */
  private traced(failure: WarehouseError, cause: unknown, statement: Statement): WarehouseError {
    const nested = statement.kind === 'block' || statement.kind === 'if' || statement.kind === 'case'
    if (nested) return failure
    const inner = cause instanceof WarehouseError ? traceOf(cause) : undefined
    // A RAISE that throws the handled error again keeps its trace.
    if (inner && statement.kind === 'raise') return remember(failure, inner)
    const { line, column } = lineAndColumn(this.source, statement.at)
    const plain =
      statement.kind === 'raise' && cause instanceof WarehouseError ? cause.message : failure.message
    return remember(failure, {
      message: inner?.message ?? plain,
      statementText: inner?.statementText ?? this.source.slice(statement.at, statement.end),
      frames: [...(inner?.frames ?? []), { line, column, procedure: this.procedure }],
    })
  }

  private report(statement: Statement, failure: WarehouseError | null): void {
    reportStatement(statement, this.last, failure, this)
  }

  private async one(statement: Statement, handling: Handling): Promise<void> {
    switch (statement.kind) {
      case 'query':
        if (!this.session.request.onStatement) await this.last?.rows.close()
        this.last = await runQuery(statement.query, this.session)
        return
      case 'insert':
      case 'update':
      case 'delete':
      case 'truncate':
      case 'merge':
        return this.write(planChange(statement, this.session))
      case 'createTable':
      case 'createView':
      case 'createSchema':
      case 'alterSchema':
      case 'alterTable':
      case 'createModel':
      case 'alterModel':
      case 'createTableFunction':
      case 'createProcedure':
      case 'drop':
        return this.define(planDefinition(statement, this.session, this.source))
      case 'createFunction':
        return this.createFunction(statement)
      case 'call':
        return this.callProcedure(statement)
      case 'declare':
        return declareVariables(statement, this.session)
      case 'set':
        return setVariables(statement, this.session)
      case 'setSystem':
        return setSystemVariable(statement.name, statement.value, this.session, statement.at)
      case 'if':
        return this.branch(statement, handling)
      case 'case':
        return this.cases(statement, handling)
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

  private async write({ statementType, plan }: Change): Promise<void> {
    await expire(
      this.session.database,
      this.session.request.now,
      [...this.session.referenced, plan.target],
      this.session,
    )
    const { session } = this
    await session.countBytes(plan.rewrites ? plan.target : undefined)
    const counts = await session.write(async (changes) => {
      const done = await plan.run()
      if (done.inserted + done.updated + done.deleted > 0)
        touch(changes, session.database.catalog, plan.target, session.request.now)
      return done
    })
    this.counts = add(this.counts, counts)
    this.changed = true
    this.session.rowCount = counts.inserted + counts.updated + counts.deleted
    this.last = { statementType, schema: [], rows: noRows, dml: counts }
    const { dataset, table } = plan.target
    if (dataset !== '') note(this.session.referenced, { dataset, table })
  }

  private async define({ statementType, plan, temporary }: Definition): Promise<void> {
    if (this.session.inTransaction && !temporary)
      throw new WarehouseError({
        reason: 'invalidQuery',
        location: 'query',
        message: `${statementType} is not supported in a transaction`,
      })
    await expire(this.session.database, this.session.request.now, this.session.referenced, this.session)
    await this.session.countBytes()
    await this.session.write((changes) => plan.run(changes))
    this.last = { statementType, schema: [], rows: noRows, ddl: plan.ddl }
  }

  private async createFunction(statement: Of<'createFunction'>): Promise<void> {
    if (!statement.temporary)
      return this.define({
        statementType: 'CREATE_FUNCTION',
        plan: planCreateRoutine(statement, this.session),
        temporary: false,
      })
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

  private async callProcedure(statement: Of<'call'>): Promise<void> {
    const { session } = this
    const { routine, variables, outputs } = await prepareCall(statement, session)
    const outer = session.variables
    session.variables = variables
    const name = `${session.request.project}.${routine.dataset}.${routine.routine}`
    const inner = new Interpreter(session, routine.body, name)
    let results = variables
    try {
      const body = withSource(routine.body, () => parseScript(routine.body))
      await inner.run(body)
      results = session.variables
    } finally {
      session.variables = outer
    }
    for (const { argument, variable } of outputs)
      await assign(variable, results.get(argument)!, statement.at, session)
    this.counts = add(this.counts, inner.counts)
    this.changed ||= inner.changed
    this.last = inner.last
      ? { ...inner.last, statementType: 'CALL' }
      : { statementType: 'CALL', schema: [], rows: noRows }
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

  private async cases(statement: Of<'case'>, handling: Handling): Promise<void> {
    for (const { condition, body } of statement.branches)
      if (await this.condition(condition, 'CASE condition')) return this.run(body, handling)
    if (statement.otherwise === null) throw invalid(statement.at, 'No matching branch in CASE statement')
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
      await this.session.afterFailure()
      this.session.variables = kept(outer, this.session.variables)
      const { errors } = this.session
      this.session.errors = errorVariables(handled)
      await this.run(statement.handler, { error: handled })
      this.session.errors = errors
    } finally {
      this.session.variables = kept(outer, this.session.variables)
    }
  }

  private async raise(statement: Of<'raise'>, handling: Handling): Promise<void> {
    if (!statement.message) {
      if (!handling.error)
        throw invalid(statement.at, 'Cannot re-raise an existing exception outside of an exception handler')
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
    const holds = await this.condition(statement.condition, 'ASSERT expression')
    await this.session.countBytes()
    if (!holds) {
      const text = message
        ? String(await scalar(this.session.connection, `SELECT ${message.sql}`))
        : `Assertion failed`
      throw new WarehouseError({ reason: 'invalidQuery', location: 'query', message: text })
    }
    this.last ??= { statementType: 'ASSERT', schema: [], rows: noRows }
  }

  private async transaction(statement: Of<'transaction'>): Promise<void> {
    const { session } = this
    const name = steps[statement.action]
    if (statement.action === 'BEGIN') {
      if (session.inTransaction) throw invalid(statement.at, 'A transaction is already in progress')
      await session.begin()
    } else {
      if (!session.inTransaction)
        throw invalid(statement.at, `There is no transaction to ${statement.action.toLowerCase()}`)
      if (session.doomed && statement.action === 'COMMIT')
        throw unsupported(statement.at, 'COMMIT of a transaction in which a statement failed')
      await (statement.action === 'COMMIT' ? session.commit() : session.rollback())
    }
    this.last ??= { statementType: name, schema: [], rows: noRows }
  }
}
