import { expect, test } from 'vitest'
import { ApiError, readJson } from '../routes.ts'
import { withExactIntegers } from './exact-json.ts'

function parsed(text: string): unknown {
  const body = Buffer.from(text)
  return readJson(
    withExactIntegers({ method: 'POST', path: '/', query: new URLSearchParams(), headers: {}, body }),
  )
}

test('integers beyond 2^53 become text, everything else stays', () => {
  const text = String.raw`{"a":9007199254740993,"b":[-9223372036854775808],"c":9007199254740991,"d":1234567890.1234567,"e":1e300,"f":"9007199254740993 \" 9007199254740993","9007199254740993":1}`
  expect(parsed(text)).toEqual({
    a: '9007199254740993',
    b: ['-9223372036854775808'],
    c: 9007199254740991,
    d: 1234567890.1234567,
    e: 1e300,
    f: '9007199254740993 " 9007199254740993',
    '9007199254740993': 1,
  })
})

test('what is no JSON stays none', () => {
  expect(() => parsed('{"a":9007199254740993')).toThrow(ApiError)
})
