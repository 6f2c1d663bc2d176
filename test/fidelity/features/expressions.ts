import { on, same } from './feature.ts'

const e = (text: string): string => `engine/expressions: ${text}`

export const expressions = [
  ...on('reference/syntax/expressions', [
    same('A value is one expression', 'language/steps: text with an expression inside is literal'),
    same(
      'Expressions over several lines',
      'language/steps: expressions in block scalars and over several lines',
    ),
    same('Subworkflows in expressions', 'engine/steps: in an expression, with trailing defaults left out'),
    same('Blocking functions are refused there', 'language/calls: blocking functions in expressions'),
    same('`a.b`, `a["b"]`, `a[0]`', e('args["a"]["b"]')),
  ]),
  ...on('reference/syntax/datatypes', [
    same('64-bit integers', e('9007199254740993 + 0')),
    same('Doubles', e('1 + 2.5')),
    same('Strings count characters', 'engine/expressions: characters and not bytes'),
    same('`True`, `TRUE`, `False`, `FALSE`', e('True')),
    same('Precedence', e('1 + 2 * 3')),
    same('`not` binds tighter than `in`', 'engine/expressions: not binds tighter than in'),
    same(
      'Comparisons and `in` stand at one level',
      'engine/expressions: comparisons and in stand at one level',
    ),
    same('Operators in upper case', e('NOT true OR false')),
    same('Text plus number', e('"n=" + 3')),
    same('Text plus boolean', e('"b=" + true')),
    same('Number plus boolean is an error', e('1 + true')),
    same('`-`', e('7 - 10')),
    same('`*`', e('6 * 7')),
    same('`/` gives a double', 'engine/expressions: division gives a double'),
    same('`//` rounds down', 'engine/expressions: floor division rounds down'),
    same('`%`', e('10 % 3')),
    same('Comparisons of integers with doubles', e('1 < 1.5')),
    same('`==` with null', e('1 == null')),
    same('`in` a list', e('2 in [1, 2]')),
    same('`in` a map', e('"a" in args')),
    same('`in` something else, in the documented words', 'engine/expressions: in with null'),
    same('`and` is short', 'engine/expressions: and is short', { evidence: 'samples' }),
    same('`or` is short', 'engine/expressions: or is short', { evidence: 'samples' }),
    same('`and`, `or`, `not` take booleans only', e('not null')),
    same('A missing key is a KeyError', 'engine/features: a missing key can be caught'),
  ]),
]
