import type { CallNode } from '../analyze/call.ts'
import { coerceOrFail, commonType } from '../analyze/coerce.ts'
import type { Env } from '../analyze/context.ts'
import { analyzeExpression } from '../analyze/expression.ts'
import { typed, type Typed } from '../analyze/typed.ts'
import { invalid, unsupported } from '../../../sql/problem.ts'
import { BOOL, typeText } from '../types/type.ts'

/** Whether SQL fails: in a struct, NULL is no failure. */
function fails(value: Typed, at: number): string {
  // DuckDB evaluates subqueries before TRY could catch what they raise.
  if (/\bSELECT\b/.test(value.sql)) throw unsupported(at, 'errors of a subquery as values')
  return `(TRY(struct_pack(v := ${value.sql})) IS NULL)`
}

function one(call: CallNode, env: Env, count: number): Typed[] {
  if (call.arguments.length !== count)
    throw invalid(call.at, `Number of arguments does not match for function ${call.name[0]!.text}`)
  return call.arguments.map((argument) => analyzeExpression(argument.value, env))
}

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/debugging_functions */
export const debuggingForms: readonly [string, (call: CallNode, env: Env) => Typed][] = [
  [
    'IFERROR',
    (call, env) => {
      const [value, other] = one(call, env, 2)
      const type = commonType([value!, other!], call.at)
      if (!type)
        throw invalid(
          call.at,
          `No matching signature for function IFERROR for argument types: ${typeText(value!.type)}, ${typeText(other!.type)}`,
        )
      const [a, b] = [coerceOrFail(value!, type, call.at), coerceOrFail(other!, type, call.at)]
      fails(a, call.at)
      return typed(`(COALESCE(TRY(struct_pack(v := ${a.sql})), struct_pack(v := ${b.sql}))).v`, type)
    },
  ],
  ['ISERROR', (call, env) => typed(fails(one(call, env, 1)[0]!, call.at), BOOL)],
  [
    'NULLIFERROR',
    (call, env) => {
      const [value] = one(call, env, 1)
      fails(value!, call.at)
      return typed(`TRY(${value!.sql})`, value!.type)
    },
  ],
]
