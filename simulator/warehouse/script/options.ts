import type { Env } from '../analyze/context.ts'
import { analyzeExpression } from '../analyze/expression.ts'
import { constantText, type Typed } from '../analyze/typed.ts'
import { invalid, unsupported } from '../../../sql/problem.ts'
import type { Expression, Option } from '../../../sql/syntax.ts'
import { parseTimestamp } from '../types/temporal.ts'

/** What OPTIONS says, as far as the local warehouse keeps it; null clears. */
export interface Options {
  readonly description?: string | null
  readonly friendlyName?: string | null
  readonly labels?: Readonly<Record<string, string>>
  readonly expiresAt?: number | null
  readonly partitionExpirationMs?: number | null
  readonly requirePartitionFilter?: boolean
  readonly defaultTableExpirationMs?: number | null
  readonly defaultPartitionExpirationMs?: number | null
  readonly location?: string
}

type Mutable = { -readonly [K in keyof Options]: Options[K] }

const DAY = 86_400_000

type Reader = (value: Expression, env: Env, out: Mutable) => void

const readers: Readonly<Record<string, Reader>> = {
  description: (value, env, out) => void (out.description = isNull(value) ? null : text(value, env)),
  friendly_name: (value, env, out) => void (out.friendlyName = isNull(value) ? null : text(value, env)),
  labels: (value, env, out) => void (out.labels = labels(value, env)),
  expiration_timestamp: (value, env, out) =>
    void (out.expiresAt = isNull(value) ? null : timestamp(value, env)),
  partition_expiration_days: (value, env, out) =>
    void (out.partitionExpirationMs = isNull(value) ? null : days(value, env)),
  require_partition_filter: (value, _env, out) => void (out.requirePartitionFilter = bool(value)),
  default_table_expiration_days: (value, env, out) =>
    void (out.defaultTableExpirationMs = isNull(value) ? null : days(value, env)),
  default_partition_expiration_days: (value, env, out) =>
    void (out.defaultPartitionExpirationMs = isNull(value) ? null : days(value, env)),
  location: (value, env, out) => void (out.location = text(value, env)),
}

export function readOptions(options: readonly Option[], env: Env): Options {
  const out: Mutable = {}
  for (const { name, value } of options) {
    const key = name.text.toLowerCase()
    if (!Object.hasOwn(readers, key)) throw unsupported(name.at, `option ${name.text}`)
    readers[key]!(value, env, out)
  }
  return out
}

function isNull(value: Expression): boolean {
  return value.kind === 'literal' && value.type === 'NULL'
}

function text(value: Expression, env: Env): string {
  const result = constantText(analyzeExpression(value, env))
  if (result === null) throw invalid(value.at, 'Option value must be a STRING literal')
  return result
}

function bool(value: Expression): boolean {
  if (value.kind !== 'literal' || value.type !== 'BOOL')
    throw invalid(value.at, 'Option value must be TRUE or FALSE')
  return value.text === 'TRUE'
}

function days(value: Expression, env: Env): number {
  const result: Typed = analyzeExpression(value, env)
  const number =
    result.literal?.kind === 'int'
      ? Number(result.literal.value)
      : result.literal?.kind === 'float'
        ? Number(result.literal.text)
        : Number.NaN
  if (!(number > 0)) throw invalid(value.at, 'Option value must be a positive number')
  return Math.round(number * DAY)
}

function timestamp(value: Expression, env: Env): number {
  if (value.kind === 'literal' && (value.type === 'TIMESTAMP' || value.type === 'STRING')) {
    const micros = parseTimestamp(value.text)
    if (micros !== null) return Number(micros / 1000n)
  }
  // TIMESTAMP_ADD(CURRENT_TIMESTAMP(), INTERVAL n DAY), the usual form.
  if (value.kind === 'call' && value.name[0]!.text.toUpperCase() === 'TIMESTAMP_ADD') {
    const [base, interval] = value.arguments.map((argument) => argument.value)
    const units: Record<string, number> = { SECOND: 1000, MINUTE: 60_000, HOUR: 3_600_000, DAY }
    const now = base?.kind === 'call' && base.name[0]!.text.toUpperCase() === 'CURRENT_TIMESTAMP'
    if (now && interval?.kind === 'interval' && interval.value.kind === 'literal' && units[interval.part])
      return env.context.now + Number(interval.value.text) * units[interval.part]!
  }
  throw unsupported(
    value.at,
    'expiration_timestamp other than a literal or TIMESTAMP_ADD(CURRENT_TIMESTAMP(), …)',
  )
}

function labels(value: Expression, env: Env): Record<string, string> {
  if (value.kind !== 'array') throw invalid(value.at, 'labels must be an array of (key, value)')
  const entries = value.items.map((item) => {
    const parts = item.kind === 'struct' ? item.items : []
    if (parts.length !== 2) throw invalid(item.at, 'labels must be an array of (key, value)')
    return parts.map((part) => text(part.value, env)) as [string, string]
  })
  return Object.fromEntries(entries)
}
