import { describe, expect, it } from 'vitest'
import { parseWorkflow } from '../../language/index.ts'
import { orderProblems } from './order.ts'
import { structureOf } from './structure.ts'
import { describeExample } from './worked-examples.ts'

const call = (id: string) => `- ${id}: {call: task_${id}}`
const indented = (by: number, lines: readonly string[]) => lines.map((line) => `${' '.repeat(by)}${line}`)
const parallel = (...branches: readonly (readonly string[])[]) => [
  `- parallel_${branches.flat().join('').length}:`,
  '    parallel:',
  '      branches:',
  ...branches.flatMap((steps, at) => [`      - branch_${at}:`, '          steps:', ...indented(10, steps)]),
]
const routine = (name: string, steps: readonly string[]) => [`${name}:`, '  steps:', ...indented(2, steps)]
const leaf = ['- end: {return: 1}']

function problems(edges: string, main: readonly string[], more: readonly string[] = []): readonly string[] {
  const description = describeExample({ name: '', edges, expected: '' })
  const leaves = description.tasks.flatMap(({ id }) => routine(`task_${id}`, leaf))
  const { document, problems: wrong } = parseWorkflow(
    [...routine('main', main), ...leaves, ...more].join('\n'),
  )
  if (document === null) throw new Error(wrong.map(({ message }) => message).join('\n'))
  return orderProblems(document, structureOf(description))
}

describe('the order of a source, against what comes after what', () => {
  const edges = 'a>c, b>c'

  it.each([
    ['one after another', [call('b'), call('a'), call('c')]],
    ['two side by side', [...parallel([call('a')], [call('b')]), call('c')]],
    [
      'in a try and beside other things',
      [
        '- all:',
        '    try:',
        '      steps:',
        ...indented(
          6,
          parallel([...parallel([call('a')], [call('b')]), call('c')], ['- other: {assign: [{x: 1}]}']),
        ),
        '    except: {as: e, steps: [{failed: {assign: [{error: "${e}"}]}}]}',
      ],
    ],
  ])('%s: nothing to say', (_, main) => {
    expect(problems(edges, main)).toEqual([])
  })

  it.each([
    ['the wrong way round', [call('a'), call('c'), call('b')], ['nothing holds c up until b has ended']],
    [
      'beside each other',
      parallel([call('a'), call('c')], [call('b')]),
      ['nothing holds c up until b has ended'],
    ],
    ['left out', [call('a'), call('b')], ['c is called at 0 places']],
    ['twice', [call('a'), call('b'), call('c'), '- d: {call: task_c}'], ['c is called at 2 places']],
    ['not there to come after', [call('a'), call('c')], ['b is called at 0 places']],
  ])('%s', (_, main, expected) => {
    expect(problems(edges, main)).toEqual(expected)
  })

  it('is that of what a repeated group calls', () => {
    const group = (steps: readonly string[]) =>
      routine('map_g', [
        '- each:',
        '    parallel:',
        '      for:',
        '        value: i',
        '        in: [1]',
        '        steps:',
        ...indented(8, steps),
      ])
    const main = ['- g: {call: map_g}', call('c')]
    expect(problems('a>b>c', main, group([call('a'), call('b')]))).toEqual([])
    expect(problems('a>b>c', main, group([call('b'), call('a')]))).toEqual([
      'nothing holds b up until a has ended',
    ])
    expect(problems('a>b>c', main.toReversed(), group([call('a'), call('b')]))).toEqual([
      'nothing holds c up until b has ended',
    ])
  })
})
