import { on, same } from './feature.ts'

export const document = [
  ...on('reference/syntax', [
    same('A bare list of steps', 'engine/steps: the short form, a bare list of steps'),
    same(
      '`main` and subworkflows',
      'language/structure: map form puts main first and keeps the order of the others',
    ),
    same('JSON in place of YAML', 'engine/steps: JSON form'),
    same('Unknown keys are refused', 'language/structure: an unknown key'),
    same('A step has one primary key', 'language/structure: two primary keys in one step'),
    same('Anchors and aliases', 'language/structure: an alias stands for what it names'),
  ]),
  ...on('reference/syntax/subworkflows', [
    same('Named arguments and defaults', 'engine/steps: a subworkflow with named arguments and a default'),
    same(
      'Positional arguments in expressions',
      'engine/steps: in an expression, with trailing defaults left out',
    ),
    same('Variables are a subworkflow’s own', 'engine/steps: variables of a subworkflow are its own'),
    same('Recursion', 'language/calls: recursion'),
  ]),
  ...on('reference/syntax/runtime-arguments', [
    same('The argument is `main`’s parameter', "engine/steps: main's parameter is the whole argument"),
    same('`main` has one parameter at most', 'language/jumps: parameters', { subject: 'limit mainParams' }),
  ]),
  ...on('reference/syntax/variables', [
    same(
      'Scope of loops, `except` and subworkflows',
      "language/symbols: a loop's variables and what its body creates end with it",
    ),
    same(
      '`steps`, `switch` and `try` open no scope',
      'language/symbols: steps, switch and try open no scope',
      { evidence: 'tools' },
    ),
    same('Lists and maps are copied', 'engine/steps: assigning a list copies it'),
    same(
      'A variable is known in its whole scope',
      'language/symbols: a variable is known in its whole scope, also before it is assigned',
      { evidence: 'tools' },
    ),
    same(
      'A module’s name can be a variable’s',
      'language/symbols: a variable may have the name of a module',
      { evidence: 'samples' },
    ),
  ]),
  ...on('troubleshooting', [
    same(
      'An unknown symbol is refused, in the documented words',
      'language/symbols: the documented text for an unknown symbol',
    ),
    same('A jump to an unknown step is refused', 'language/jumps: targets that do not exist'),
    same('A call of an unknown function is refused', 'language/calls: functions that do not exist'),
  ]),
]
