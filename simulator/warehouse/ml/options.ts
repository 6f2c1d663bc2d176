import type { Env } from '../analyze/context.ts'
import { invalid, unsupported } from '../../../sql/problem.ts'
import type { Expression, Option } from '../../../sql/syntax.ts'
import { readOptions, type Options } from '../script/options.ts'
import type { ModelSettings } from './model.ts'

type Mutable = { -readonly [K in keyof ModelSettings]: ModelSettings[K] }

/** Options of tables that models have too. */
const shared = new Set(['description', 'friendly_name', 'labels', 'expiration_timestamp'])

/** How gradient descent proceeds. The closed form is where it ends, so they are only checked. */
const descent: Readonly<Record<string, (value: Expression) => unknown>> = {
  max_iterations: (value) => number(value),
  learn_rate: (value) => number(value),
  ls_init_learn_rate: (value) => number(value),
  min_rel_progress: (value) => number(value),
  early_stop: (value) => bool(value),
  learn_rate_strategy: (value) => word(value, ['LINE_SEARCH', 'CONSTANT']),
}

/** https://cloud.google.com/bigquery/docs/reference/standard-sql/bigqueryml-syntax-create-glm#model_option_list */
export function readModelOptions(
  options: readonly Option[],
  env: Env,
  at: number,
): { settings: ModelSettings; kept: Options } {
  const settings: Mutable = {
    label: null,
    l2: 0,
    fitIntercept: true,
    encoding: 'ONE_HOT_ENCODING',
    strategy: 'AUTO_STRATEGY',
    split: 'AUTO_SPLIT',
    evalFraction: 0.2,
    splitColumn: null,
  }
  let linear = false
  const given = new Set<string>()
  for (const { name, value } of options) {
    const key = name.text.toLowerCase()
    if (given.has(key)) throw invalid(name.at, `Duplicate option specified for '${key}'`)
    given.add(key)
    if (key === 'model_type') {
      const type = text(value).toUpperCase()
      if (type !== 'LINEAR_REG') throw unsupported(value.at, `model type ${type}`)
      linear = true
    } else if (Object.hasOwn(descent, key)) descent[key]!(value)
    else if (!shared.has(key)) readSetting(key, value, settings, name.at)
  }
  if (!linear) throw invalid(at, 'Model type must be specified: OPTIONS(model_type = …)')
  checkSplit(settings, given, at)
  const kept = readOptions(
    options.filter(({ name }) => shared.has(name.text.toLowerCase())),
    env,
  )
  return { settings, kept }
}

function readSetting(key: string, value: Expression, out: Mutable, at: number): void {
  switch (key) {
    case 'input_label_cols': {
      const labels = texts(value)
      if (labels.length !== 1) throw invalid(value.at, 'input_label_cols must name one column')
      out.label = labels[0]!
      return
    }
    case 'l1_reg':
      if (number(value) !== 0) throw unsupported(value.at, 'l1_reg other than 0: it has no closed form')
      return
    case 'l2_reg':
      out.l2 = number(value)
      if (!(out.l2 >= 0)) throw invalid(value.at, 'l2_reg must not be negative')
      return
    case 'optimize_strategy':
      out.strategy = word(value, ['AUTO_STRATEGY', 'NORMAL_EQUATION', 'BATCH_GRADIENT_DESCENT'])
      return
    case 'data_split_method':
      out.split = word(value, ['AUTO_SPLIT', 'RANDOM', 'CUSTOM', 'SEQ', 'NO_SPLIT'])
      return
    case 'data_split_eval_fraction':
      out.evalFraction = number(value)
      if (!(out.evalFraction >= 0 && out.evalFraction <= 1))
        throw invalid(value.at, 'data_split_eval_fraction must be between 0 and 1')
      return
    case 'data_split_col':
      out.splitColumn = text(value)
      return
    case 'fit_intercept':
      out.fitIntercept = bool(value)
      return
    case 'category_encoding_method':
      out.encoding = word(value, ['ONE_HOT_ENCODING', 'DUMMY_ENCODING'])
      return
    case 'warm_start':
    case 'calculate_p_values':
    case 'enable_global_explain':
      if (bool(value)) throw unsupported(value.at, `${key} = TRUE`)
      return
    default:
      throw unsupported(at, `option ${key} of a LINEAR_REG model`)
  }
}

function checkSplit(settings: ModelSettings, given: ReadonlySet<string>, at: number): void {
  const { split, splitColumn } = settings
  const needsColumn = split === 'CUSTOM' || split === 'SEQ'
  if (needsColumn && splitColumn === null)
    throw invalid(at, `data_split_col must be specified with data_split_method = '${split}'`)
  if (!needsColumn && splitColumn !== null)
    throw invalid(at, `data_split_col cannot be specified with data_split_method = '${split}'`)
  if (given.has('data_split_eval_fraction') && split !== 'RANDOM' && split !== 'SEQ')
    throw invalid(at, `data_split_eval_fraction cannot be specified with data_split_method = '${split}'`)
}

function text(value: Expression): string {
  if (value.kind !== 'literal' || value.type !== 'STRING')
    throw invalid(value.at, 'Option value must be a string literal')
  return value.text
}

function texts(value: Expression): string[] {
  if (value.kind !== 'array') throw invalid(value.at, 'Option value must be an array of string literals')
  return value.items.map(text)
}

function bool(value: Expression): boolean {
  if (value.kind !== 'literal' || value.type !== 'BOOL')
    throw invalid(value.at, 'Option value must be TRUE or FALSE')
  return value.text === 'TRUE'
}

function number(value: Expression): number {
  if (value.kind === 'unary' && value.operator === '-') return -number(value.operand)
  if (value.kind === 'literal' && (value.type === 'INT64' || value.type === 'FLOAT64'))
    return Number(value.text)
  if (value.kind === 'call') throw unsupported(value.at, 'hyperparameter tuning')
  throw invalid(value.at, 'Option value must be a number')
}

function word<T extends string>(value: Expression, allowed: readonly T[]): T {
  const given = text(value).toUpperCase()
  const found = allowed.find((item) => item === given)
  if (found === undefined) throw invalid(value.at, `Option value must be one of ${allowed.join(', ')}`)
  return found
}
