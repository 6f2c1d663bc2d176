import { describe, expect, test } from 'vitest'
import { libraryFunctions, libraryValues } from '../../language/index.ts'
import { standardFunction, standardFunctionNames, standardObject } from './index.ts'
import type { RuntimeValue } from '../engine/index.ts'

describe('the standard library', () => {
  test('has the functions that the language knows, and no others', () => {
    expect(standardFunctionNames().toSorted()).toEqual([...libraryFunctions.keys()].toSorted())
    for (const name of libraryValues) expect(standardObject(name), name).not.toBeNull()
  })

  test.each([...libraryFunctions.values()])(
    '$name takes the documented parameters',
    ({ name, params, blocking }) => {
      const found = standardFunction(name)!
      expect(found.kind).toBe(blocking ? 'blocking' : 'plain')
      expect(found.parameters.map((parameter) => parameter.name)).toEqual(params.map((param) => param.name))
      for (const [index, param] of params.entries()) {
        const { default: value } = found.parameters[index]!
        expect(value === undefined, param.name).toBe(param.required)
        if (param.default !== undefined) expect(shown(value)).toBe(shown(param.default))
      }
    },
  )

  test('knows nothing by the names that every object has', () => {
    for (const name of [
      'constructor',
      '__proto__',
      'toString',
      'text',
      'text.constructor',
      'hasOwnProperty',
    ]) {
      expect(standardFunction(name)).toBeNull()
      expect(standardObject(name)).toBeNull()
    }
  })
})

/** A default as text; whether `43200` is written as an integer or a double makes no difference. */
function shown(value: RuntimeValue | undefined): string {
  if (value === undefined) return 'required'
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value)
}
