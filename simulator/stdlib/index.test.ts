import { describe, expect, test } from 'vitest'
import { libraryFunctions, libraryValues } from '../../language/index.ts'
import { standardFunction, standardFunctionNames, standardObject } from './index.ts'

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
      for (const [index, { required, default: value }] of params.entries()) {
        const parameter = found.parameters[index]!
        expect(parameter.default === undefined, parameter.name).toBe(required)
        if (value !== undefined && value !== null) expect(String(parameter.default)).toBe(String(value))
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
