import { DuckDBScalarFunction, type DuckDBConnection, type DuckDBValue } from '@duckdb/node-api'
import type { NativeFunction } from './define.ts'
import { nativeFunctions } from './functions.ts'

/** Makes the JavaScript functions known to the whole database. */
export function registerNativeFunctions(connection: DuckDBConnection): void {
  for (const item of nativeFunctions) connection.registerScalarFunction(scalarFunction(item))
}

function scalarFunction({ name, parameters, result, run }: NativeFunction): DuckDBScalarFunction {
  const call = run as (...args: DuckDBValue[]) => DuckDBValue
  return DuckDBScalarFunction.create({
    name,
    parameterTypes: parameters,
    returnType: result,
    mainFunction: (info, input, output) => {
      const vectors = parameters.map((_, i) => input.getColumnVector(i))
      try {
        for (let row = 0; row < input.rowCount; row++) {
          const args = vectors.map((vector) => vector.getItem(row))
          output.setItem(row, args.includes(null) ? null : call(...args))
        }
      } catch (error) {
        info.setError(error instanceof Error ? error.message : String(error))
        return
      }
      output.flush()
    },
  })
}
