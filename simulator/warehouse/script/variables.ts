import { coerceOrFail } from '../analyze/coerce.ts'
import { rootEnv } from '../analyze/context.ts'
import { analyzeExpression, fieldOf } from '../analyze/expression.ts'
import { nullOf, type Typed, typed } from '../analyze/typed.ts'
import { resolveType } from '../analyze/types.ts'
import { execute } from '../engine/database.ts'
import { invalid, unsupported } from '../../../sql/problem.ts'
import type { Name } from '../../../sql/syntax.ts'
import { duckType } from '../types/duck.ts'
import { type Type, typeText } from '../types/type.ts'
import type { Of } from './plan.ts'
import type { Session } from './session.ts'

/** Evaluates a value once and keeps it on the connection. */
export async function keep(value: Typed, session: Session): Promise<Typed> {
  const name = `v${session.unique()}`
  await execute(
    session.connection,
    `SET VARIABLE ${name} = (SELECT CAST(${value.sql} AS ${duckType(value.type)}))`,
  )
  return typed(`CAST(getvariable('${name}') AS ${duckType(value.type)})`, value.type)
}

export async function declareVariables(statement: Of<'declare'>, session: Session): Promise<void> {
  const env = rootEnv(session.context())
  const given = statement.default ? analyzeExpression(statement.default, env) : null
  const type: Type | null = statement.type ? resolveType(statement.type) : (given?.type ?? null)
  if (!type) throw invalid(statement.at, 'DECLARE needs a type or a default')
  const value = given ? coerceOrFail(given, type, statement.default!.at, 'Default') : nullOf(type)
  const variables = new Map(session.variables)
  for (const name of statement.names) {
    if (variables.has(name.text.toLowerCase()))
      throw invalid(name.at, `Variable '${name.text}' redeclaration`)
    variables.set(name.text.toLowerCase(), await keep(value, session))
  }
  session.variables = variables
}

export async function setVariables(statement: Of<'set'>, session: Session): Promise<void> {
  const value = analyzeExpression(statement.value, rootEnv(session.context()))
  // One name in parentheses takes an expression in parentheses as well as a struct of one field.
  const only = session.variables.get(statement.names[0]?.text.toLowerCase() ?? '')
  const single = statement.list && value.type.kind === 'struct' && only?.type.kind !== 'struct'
  const parts = statement.names.length > 1 || single
  const whole = parts ? await keep(value, session) : value
  for (const [i, name] of statement.names.entries()) {
    const part = parts ? partOf(whole, i, statement) : whole
    await assign(name, part, statement.value.at, session)
  }
}

/** Gives a declared variable a value of its type. */
export async function assign(name: Name, value: Typed, at: number, session: Session): Promise<void> {
  const known = session.variables.get(name.text.toLowerCase())
  if (!known) throw invalid(name.at, `Undeclared variable: ${name.text}`)
  const coerced = coerceOrFail(value, known.type, at, `Value of variable ${name.text}`)
  const variables = new Map(session.variables)
  variables.set(name.text.toLowerCase(), await keep(coerced, session))
  session.variables = variables
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
export function kept(
  outer: ReadonlyMap<string, Typed>,
  inner: ReadonlyMap<string, Typed>,
): ReadonlyMap<string, Typed> {
  return new Map([...outer.keys()].map((name) => [name, inner.get(name) ?? outer.get(name)!]))
}
