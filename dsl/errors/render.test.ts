import { stripVTControlCharacters } from 'node:util'
import { describe, expect, it } from 'vitest'
import type { Location } from '../location.ts'
import { DagError } from './dag-error.ts'
import { excerptOf } from './excerpt.ts'
import { renderProblem, renderProblems } from './render.ts'

const source = `const rows = task('fetch', fetchRows, {})
  task('load', loadRows, { objects: rows.object })
  schedule: cron('0 6 L * *', 'Etc/UTC'),

\ttask('tabs', load, {})
  ${'x'.repeat(100)} task('far', load, {}) // ${'y'.repeat(100)}
`
const at = (line: number, column?: number, name?: string): Location => ({
  file: '/p/dags/shop/dag.ts',
  line,
  ...(column !== undefined && { column }),
  ...(name !== undefined && { name }),
})
const problem = (place: Location | null, code: 'DAG103' | 'DAG104' = 'DAG104') =>
  new DagError(code, 'task load has what it has', { at: place, hint: 'change it' })
const options = { source: (file: string) => (file.endsWith('dag.ts') ? source : null) }

describe('a problem', () => {
  it('shows its line, with a mark under the call', () => {
    expect(renderProblem(problem(at(2, 3)), '/p', options)).toBe(
      [
        'DAG104 task load has what it has',
        '  at dags/shop/dag.ts:2',
        "    2 |   task('load', loadRows, { objects: rows.object })",
        '          ^^^^',
        '  fix: change it (dag explain DAG104)',
      ].join('\n'),
    )
  })

  it('says as much where the source cannot be read, has no such line, or there is no place', () => {
    const bare =
      'DAG104 task load has what it has\n  at dags/shop/dag.ts:2\n  fix: change it (dag explain DAG104)'
    expect(renderProblem(problem(at(2)), '/p')).toBe(bare)
    expect(renderProblem(problem(at(2)), '/p', { source: () => null })).toBe(bare)
    expect(renderProblem(problem(at(99)), '/p', options)).not.toContain('|')
    expect(renderProblem(problem(at(4)), '/p', options)).not.toContain('|')
    expect(renderProblem(problem(null), '/p', options)).not.toContain('  at ')
  })

  it('is a warning by its first word', () => {
    expect(renderProblem(problem(null), '/p', { kind: 'warning' })).toMatch(/^warning DAG104 task load/)
  })

  it('has colours that say no more than the text', () => {
    for (const kind of ['error', 'warning'] as const) {
      const colored = renderProblem(problem(at(2, 3)), '/p', { ...options, kind, color: true })
      expect(colored).toContain(kind === 'error' ? '\u001b[31m' : '\u001b[33m')
      expect(stripVTControlCharacters(colored)).toBe(
        renderProblem(problem(at(2, 3)), '/p', { ...options, kind }),
      )
    }
  })

  it('stands among others by its place', () => {
    const text = renderProblems([problem(at(5)), problem(at(2)), problem(at(2), 'DAG103')], '/p')
    expect(text.match(/DAG10\d (?=task)|dag\.ts:\d/g)).toEqual([
      'DAG103 ',
      'dag.ts:2',
      'DAG104 ',
      'dag.ts:2',
      'DAG104 ',
      'dag.ts:5',
    ])
  })
})

describe('the mark', () => {
  const marked = (place: Location) => {
    const found = excerptOf(source, place)
    return found?.line.slice(...found.mark)
  }

  it.each([
    ['the call that stands at the column', at(1, 14), 'task'],
    ['the nearest call before a column that compiling has moved', at(3, 32), 'cron'],
    ['the field that is named', at(2, 52, 'object'), 'object'],
    ['the first name where nothing else is known', at(1), 'const'],
    ['behind a tab', at(5, 2), 'task'],
    ['in a long line, which is cut', at(6, 104), 'task'],
  ])('is under %s', (_, place, text) => {
    expect(marked(place)).toBe(text)
  })

  it('keeps its column where a line is cut', () => {
    expect(excerptOf(source, at(6, 104))?.line.length).toBeLessThanOrEqual(96)
  })
})
