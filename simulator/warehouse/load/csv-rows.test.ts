import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CsvDialect, type CsvRow, CsvRows } from './csv-rows.ts'

const dialect: CsvDialect = { delimiter: ',', quote: '"', quotedNewlines: true, controlCharacters: false }

/** The rows of a text that comes in pieces of these lengths. */
function read(text: string, lengths: readonly number[], given: CsvDialect = dialect): CsvRow[] {
  const rows = new CsvRows(given)
  const out: CsvRow[] = []
  let at = 0
  for (const length of lengths) {
    out.push(...rows.push(text.slice(at, at + length)))
    at += length
  }
  out.push(...rows.push(text.slice(at)), ...rows.end())
  return out
}

const texts = (row: CsvRow): string[] => row.values.map((value) => value.text)

it('reads what was written, however it comes in pieces', () => {
  const value = fc.string({ unit: fc.constantFrom('a', 'é', '"', ',', '\n', '\r', ' '), maxLength: 6 })
  const table = fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 6 })
  const written = (text: string) => `"${text.replaceAll('"', '""')}"`
  fc.assert(
    fc.property(table, fc.array(fc.nat(5)), fc.constantFrom('\n', '\r\n'), (rows, lengths, newline) => {
      const lines = rows.map((row) => row.map(written).join(',') + newline)
      const found = read(lines.join(''), lengths)
      expect(found.map(texts)).toEqual(rows.map((row) => [...row]))
      let position = 0
      for (const [i, line] of lines.entries()) {
        expect(found[i]?.position).toBe(position)
        position += Buffer.byteLength(line)
      }
    }),
  )
})

describe('rows that are not right', () => {
  const cases: readonly (readonly [string, Partial<CsvDialect>, string | undefined, readonly string[]])[] = [
    ['"a', {}, 'Missing close double quote (") character.', []],
    ['"a"b,c', {}, 'Data between close double quote (") and field separator.', ['a']],
    ['a\0,b', {}, 'Bad character (ASCII 0) encountered.', ['a\0', 'b']],
    ['a\0,b', { controlCharacters: true }, undefined, ['a\0', 'b']],
    ['"a,b', { quote: '' }, undefined, ['"a', 'b']],
    ["'a,b',c", { quote: "'" }, undefined, ['a,b', 'c']],
    ['a"b,c', {}, undefined, ['a"b', 'c']],
    ['"a",', {}, undefined, ['a', '']],
    ['a||b', { delimiter: '||' }, undefined, ['a', 'b']],
  ]
  it.each(cases)('%j %j', (text, more, problem, values) => {
    const [row, ...others] = read(text, [], { ...dialect, ...more })
    expect(others).toEqual([])
    expect([row?.problem, row && texts(row)]).toEqual([problem, values])
  })

  it('a newline in quotes ends the row unless it is allowed, and every line counts', () => {
    const text = 'a,b\n\n"c\nd",e\n'
    expect(read(text, []).map((row) => [row.line, row.position, row.problem === undefined])).toEqual([
      [1, 0, true],
      [3, 5, true],
    ])
    const strict = read(text, [], { ...dialect, quotedNewlines: false })
    expect(strict.map((row) => [row.line, row.position, row.problem === undefined])).toEqual([
      [1, 0, true],
      [3, 5, false],
      [4, 8, true],
    ])
  })
})
