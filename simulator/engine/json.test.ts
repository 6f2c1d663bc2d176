import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { JsonError, parseJson, writeJson } from './json.ts'
import type { RuntimeValue } from './value.ts'

const { value } = fc.letrec<{ value: RuntimeValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((double) => !Number.isInteger(double)),
    fc.string({ unit: 'grapheme' }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor')), tie('value')), {
        maxLength: 4,
      })
      .map((entries) => new Map(entries)),
  ),
}))

describe('JSON', () => {
  test('what is written is read back the same', () => {
    fc.assert(
      fc.property(value, fc.constantFrom('', '  '), (original, indent) => {
        expect(parseJson(writeJson(original, { indent }))).toEqual(original)
      }),
      { seed: 20_250_201 },
    )
  })

  test('reads what the platform reads, and refuses what it refuses', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string(), fc.stringMatching(/^[\][{}":,\s0-9.eE+-]*$/)), (text) => {
        let expected: unknown
        try {
          expected = JSON.parse(text)
        } catch {
          expect(() => parseJson(text)).toThrow(JsonError)
          return
        }
        expect(JSON.parse(writeJson(parseJson(text)))).toEqual(JSON.parse(JSON.stringify(expected)))
      }),
      { seed: 20_250_202, numRuns: 500 },
    )
  })

  test('keeps integers of 64 bits', () => {
    for (const text of ['9223372036854775807', '-9223372036854775808', '9007199254740993', '0']) {
      expect(writeJson(parseJson(text))).toBe(text)
    }
    expect(parseJson('9223372036854775808')).toBe(9223372036854775808)
    expect(parseJson('1.0')).toBe(1)
    expect(parseJson('1')).toBe(1n)
  })

  test('says where the text is wrong', () => {
    expect(() => parseJson('{"a": tru}')).toThrow('character 6')
    expect(() => parseJson('[1 2]')).toThrow("character 3: expected ',' or ']'")
    expect(() => parseJson('"abc')).toThrow('string without an end')
    expect(() => parseJson('1 2')).toThrow('unexpected text after the value')
  })

  test('refuses what is nested too deeply instead of exhausting the stack', () => {
    expect(() => parseJson('['.repeat(100_000))).toThrow('nested deeper')
  })

  test('refuses what JSON cannot hold', () => {
    expect(() => writeJson(new Uint8Array(1))).toThrow('bytes')
    expect(() => writeJson(Infinity)).toThrow('Infinity')
    expect(() => writeJson([NaN])).toThrow('NaN')
    expect(() => writeJson(['x'.repeat(50)], { limit: 10 })).toThrow('longer than 10')
  })
})
