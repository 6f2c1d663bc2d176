import { rootEnv, viewContext } from '../analyze/context.ts'
import { analyzeExpression } from '../analyze/expression.ts'
import { missingTable, resolvePath } from '../analyze/table.ts'
import { coerce } from '../analyze/coerce.ts'
import { analyzeQuery } from '../analyze/query.ts'
import { nullOf, typed } from '../analyze/typed.ts'
import { resolveType } from '../analyze/types.ts'
import { typeSyntaxText } from './text.ts'
import { invalid } from '../../../sql/problem.ts'
import { sameType, typeText } from '../types/type.ts'
import { schemaOf } from './columns.ts'
import type { Option, TypeSyntax } from '../../../sql/syntax.ts'
import { readOptions } from './options.ts'
import type { Session } from './session.ts'
import { type DdlPlan, type Of, nothing } from './plan.ts'

export function planCreateRoutine(
  statement: Of<'createProcedure'> | Of<'createFunction'>,
  session: Session,
): DdlPlan {
  const context = session.context()
  const { dataset, routine, existing, ddl } = target(statement, context)
  if (ddl.operation === 'SKIP') return { ddl, run: nothing }
  const args = statement.arguments.map((argument) => {
    const { mode } = argument
    if (mode !== 'IN' && statement.kind === 'createFunction')
      throw invalid(statement.at, `A function's argument cannot be ${mode}`)
    if (!isAny(argument.type)) resolveType(argument.type)
    return {
      name: argument.name,
      type: typeSyntaxText(argument.type),
      ...(mode === 'IN' ? {} : { mode }),
    }
  })
  if (statement.kind === 'createFunction') checkFunction(statement, session)
  const { now } = session.request
  const stored = {
    dataset,
    routine,
    kind: statement.kind === 'createProcedure' ? ('PROCEDURE' as const) : ('FUNCTION' as const),
    arguments: args,
    body: statement.bodyText,
    ...descriptionOf(statement.options, session),
    ...(statement.kind === 'createFunction' && statement.returns
      ? { returns: typeSyntaxText(statement.returns) }
      : {}),
    createdAt: existing?.createdAt ?? now,
    modifiedAt: now,
  }
  return { ddl, run: async (changes) => void changes.push({ kind: 'putRoutine', routine: stored }) }
}

function descriptionOf(options: readonly Option[], session: Session): { readonly description?: string } {
  const { description } = readOptions(options, rootEnv(session.context()))
  return description ? { description } : {}
}

function isAny(type: TypeSyntax): boolean {
  return type.kind === 'named' && type.name === 'ANY TYPE'
}

/** A function's body is checked with its arguments as values. */
export function checkFunction(statement: Of<'createFunction'>, session: Session): void {
  // What a templated function means is known only where it is called.
  if (statement.arguments.some(({ type }) => isAny(type))) return
  const variables = new Map(
    statement.arguments.map((argument) => [
      argument.name.toLowerCase(),
      typed('NULL', resolveType(argument.type)),
    ]),
  )
  const body = analyzeExpression(
    statement.body,
    rootEnv({ ...session.context(), variables, named: new Map(), positional: [] }),
  )
  if (statement.returns && !coerce(body, resolveType(statement.returns), statement.body.at))
    throw invalid(
      statement.body.at,
      `Function declared to return ${typeText(resolveType(statement.returns))} but the function body produces incompatible type ${typeText(body.type)}`,
    )
}

/** The routine that a statement makes, and whether it is made, replaced or left as it is. */
function target(
  { path, orReplace, ifNotExists }: Pick<Of<'createFunction'>, 'path' | 'orReplace' | 'ifNotExists'>,
  context: ReturnType<Session['context']>,
) {
  const { dataset, table: routine } = resolvePath(path, context)
  if (!context.catalog.dataset(dataset)) throw missingTable({ dataset, table: routine }, path.at, context)
  const existing = context.catalog.routine(dataset, routine)
  const kept = existing !== undefined && !orReplace
  if (kept && !ifNotExists)
    throw invalid(path.at, `Already Exists: Routine ${context.project}:${dataset}.${routine}`)
  const operation: 'CREATE' | 'REPLACE' | 'SKIP' = kept ? 'SKIP' : existing ? 'REPLACE' : 'CREATE'
  return { dataset, routine, existing, ddl: { operation, routine: { dataset, routine } } }
}

export function planCreateTableFunction(statement: Of<'createTableFunction'>, session: Session): DdlPlan {
  const context = session.context()
  const { dataset, routine, existing, ddl } = target(statement, context)
  if (ddl.operation === 'SKIP') return { ddl, run: nothing }
  const variables = new Map(
    statement.arguments.map((argument) => [argument.name.toLowerCase(), nullOf(resolveType(argument.type))]),
  )
  const inner = { ...viewContext(context, `table function ${dataset}.${routine}`), variables }
  const body = analyzeQuery(statement.query, rootEnv({ ...inner, defaultDataset: dataset }))
  const columns = schemaOf(body.columns, statement.at)
  const declared = statement.returns?.map(({ name, type }) => ({ name, type: typeSyntaxText(type) }))
  if (declared) {
    if (declared.length !== columns.length)
      throw invalid(statement.at, 'RETURNS TABLE and the query differ in number of columns')
    for (const [i, column] of statement.returns!.entries())
      if (!sameType(resolveType(column.type), body.columns[i]!.type))
        throw invalid(
          column.at,
          `Column ${column.name} is declared ${typeText(resolveType(column.type))} but the query gives ${typeText(body.columns[i]!.type)}`,
        )
  }
  const { now } = session.request
  const stored = {
    dataset,
    routine,
    kind: 'TABLE_FUNCTION' as const,
    arguments: statement.arguments.map(({ name, type }) => ({ name, type: typeSyntaxText(type) })),
    body: statement.bodyText,
    ...descriptionOf(statement.options, session),
    ...(declared ? { columns: declared } : {}),
    createdAt: existing?.createdAt ?? now,
    modifiedAt: now,
  }
  return { ddl, run: async (changes) => void changes.push({ kind: 'putRoutine', routine: stored }) }
}
