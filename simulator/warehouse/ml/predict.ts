import { floatLiteral, type Typed } from '../analyze/typed.ts'
import { quoteText } from '../types/duck.ts'
import { encoded } from './encode.ts'
import type { StoredModel, Term } from './model.ts'

/** The prediction over columns found by name, as a DOUBLE that is never NULL. */
export function predictionSql(
  model: Pick<StoredModel, 'terms' | 'intercept'>,
  column: (name: string) => Typed,
): string {
  return predictionOf(model, (term) => encoded(column(term.source.column), term.source))
}

/** The prediction over values that are encoded already. */
export function predictionOf(
  model: Pick<StoredModel, 'terms' | 'intercept'>,
  value: (term: Term, i: number) => string,
): string {
  const terms = model.terms.map((term, i) => termSql(term, value(term, i)))
  return `(${[float(model.intercept), ...terms].join(' + ')})`
}

function termSql(term: Term, value: string): string {
  if (term.kind === 'numeric') {
    const scale = term.deviation > 0 ? term.weight / term.deviation : 0
    return `coalesce((${value} - ${float(term.mean)}) * ${float(scale)}, 0.0)`
  }
  const known = term.categories.filter(({ category }) => category !== null)
  const keys = known.map(({ category }) => quoteText(category!)).join(', ')
  const weights = known.map(({ weight }) => float(weight)).join(', ')
  const weight = (key: string): string =>
    known.length === 0 ? '0.0' : `coalesce(element_at(map([${keys}], [${weights}]), ${key})[1], 0.0)`
  if (term.many)
    return `coalesce(list_sum(list_transform(list_distinct(${value}), lambda k: ${weight('k')})), 0.0)`
  const missing = term.categories.find(({ category }) => category === null)?.weight ?? 0
  return `(CASE WHEN ${value} IS NULL THEN ${float(missing)} ELSE ${weight(value)} END)`
}

export function float(value: number): string {
  return floatLiteral(String(value)).sql
}
