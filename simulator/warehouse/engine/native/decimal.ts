import { BIGINT, DECIMAL, DOUBLE, DuckDBDecimalValue, VARCHAR } from '@duckdb/node-api'
import { decimalExp, decimalLn, decimalLog, decimalPow, decimalSqrt } from '../../types/decimal-math.ts'
import {
  BIGNUMERIC_LIMIT,
  decimalText,
  divideRounded,
  NUMERIC_LIMIT,
  parseDecimal,
} from '../../types/numeric.ts'
import { native, type NativeFunction, need } from './define.ts'

/** One of the two decimal types: how its values look in DuckDB. BIGNUMERIC is canonical text there. */
interface Kind {
  readonly name: 'numeric' | 'bignumeric'
  readonly scale: number
  readonly type: typeof VARCHAR | ReturnType<typeof DECIMAL>
  read(value: unknown): bigint
  write(value: bigint, what: string): unknown
}

const numericKind: Kind = {
  name: 'numeric',
  scale: 9,
  type: DECIMAL(38, 9),
  read: (value) => (value as DuckDBDecimalValue).value,
  write(value, what) {
    if (value >= NUMERIC_LIMIT || value <= -NUMERIC_LIMIT) throw new Error(`numeric overflow: ${what}`)
    return new DuckDBDecimalValue(value, 38, 9)
  },
}

const bignumericKind: Kind = {
  name: 'bignumeric',
  scale: 38,
  type: VARCHAR,
  read: (value) => parseDecimal(value as string, 38)!,
  write(value, what) {
    if (value >= BIGNUMERIC_LIMIT || value < -BIGNUMERIC_LIMIT)
      throw new Error(`bignumeric overflow: ${what}`)
    return decimalText(value, 38)
  },
}

function unary(
  kind: Kind,
  name: string,
  what: string,
  run: (x: bigint, scale: number) => bigint,
): NativeFunction {
  return native(`bq_${kind.name}_${name}`, [kind.type], kind.type, (x: unknown) =>
    kind.write(run(kind.read(x), kind.scale), what),
  )
}

function binary(
  kind: Kind,
  name: string,
  what: string,
  run: (x: bigint, y: bigint, scale: number) => bigint,
): NativeFunction {
  return native(`bq_${kind.name}_${name}`, [kind.type, kind.type], kind.type, (x: unknown, y: unknown) =>
    kind.write(run(kind.read(x), kind.read(y), kind.scale), what),
  )
}

function unit(scale: number): bigint {
  return 10n ** BigInt(scale)
}

function notZero(y: bigint, what: string): bigint {
  return y === 0n ? need<bigint>(null, what) : y
}

function positive(x: bigint, name: string): bigint {
  return x > 0n ? x : need<bigint>(null, `Floating point error in function: ${name}`)
}

type Rounding = 'away' | 'even' | 'zero' | 'floor' | 'ceil'

/** Rounded to `digits` after the point, which may be negative. */
function roundTo(x: bigint, digits: bigint, scale: number, mode: Rounding): bigint {
  if (digits >= BigInt(scale)) return x
  if (digits < -80n) return 0n
  const step = 10n ** (BigInt(scale) - digits)
  const rest = x % step
  const low = x - rest
  switch (mode) {
    case 'away':
      return divideRounded(x, step) * step
    case 'zero':
      return low
    case 'floor':
      return rest < 0n ? low - step : low
    case 'ceil':
      return rest > 0n ? low + step : low
    case 'even': {
      const twice = rest < 0n ? -2n * rest : 2n * rest
      const odd = (low / step) % 2n !== 0n
      if (twice < step || (twice === step && !odd)) return low
      return low + (x < 0n ? -step : step)
    }
  }
}

const modes: Readonly<Record<string, Rounding>> = {
  ROUND_HALF_AWAY_FROM_ZERO: 'away',
  ROUND_HALF_EVEN: 'even',
  ZERO: 'zero',
}

function family(kind: Kind): NativeFunction[] {
  return [
    binary(kind, 'add', 'addition', (x, y) => x + y),
    binary(kind, 'subtract', 'subtraction', (x, y) => x - y),
    binary(kind, 'multiply', 'multiplication', (x, y, scale) => divideRounded(x * y, unit(scale))),
    binary(kind, 'divide', 'division', (x, y, scale) =>
      divideRounded(x * unit(scale), notZero(y, 'division by zero')),
    ),
    binary(kind, 'div', 'DIV', (x, y, scale) => (x / notZero(y, 'division by zero')) * unit(scale)),
    binary(kind, 'mod', 'MOD', (x, y) => x % notZero(y, 'division by zero')),
    unary(kind, 'checked', 'SUM', (x) => x),
    unary(kind, 'negate', 'negation', (x) => -x),
    unary(kind, 'abs', 'ABS', (x) => (x < 0n ? -x : x)),
    unary(kind, 'sign', 'SIGN', (x, scale) => (x < 0n ? -unit(scale) : x > 0n ? unit(scale) : 0n)),
    unary(kind, 'floor', 'FLOOR', (x, scale) => roundTo(x, 0n, scale, 'floor')),
    unary(kind, 'ceil', 'CEIL', (x, scale) => roundTo(x, 0n, scale, 'ceil')),
    unary(kind, 'sqrt', 'SQRT', (x, scale) =>
      x < 0n ? need<bigint>(null, 'Argument to SQRT must be non-negative') : decimalSqrt(x, scale),
    ),
    unary(kind, 'exp', 'EXP', decimalExp),
    unary(kind, 'ln', 'LN', (x, scale) => decimalLn(positive(x, 'LN'), scale)),
    unary(kind, 'log10', 'LOG10', (x, scale) => decimalLog(positive(x, 'LOG10'), 10n * unit(scale), scale)),
    binary(kind, 'log', 'LOG', (x, base, scale) =>
      base === unit(scale)
        ? need<bigint>(null, 'Floating point error in function: LOG')
        : decimalLog(positive(x, 'LOG'), positive(base, 'LOG'), scale),
    ),
    binary(kind, 'pow', 'POW', (x, y, scale) =>
      need(decimalPow(x, y, scale), 'Floating point error in function: POW'),
    ),
    native(
      `bq_${kind.name}_round`,
      [kind.type, BIGINT, VARCHAR],
      kind.type,
      (x: unknown, digits: bigint, mode: string) =>
        kind.write(
          roundTo(
            kind.read(x),
            digits,
            kind.scale,
            modes[mode] ?? need<Rounding>(null, `Invalid rounding mode: ${mode}`),
          ),
          'ROUND',
        ),
    ),
  ]
}

const OFFSET = BIGNUMERIC_LIMIT

export const decimalFunctions: readonly NativeFunction[] = [
  ...family(numericKind),
  ...family(bignumericKind),
  // Text that sorts as the numbers do.
  native('bq_bignumeric_key', [VARCHAR], VARCHAR, (x: string) =>
    (bignumericKind.read(x) + OFFSET).toString().padStart(78, '0'),
  ),
  native('bq_bignumeric_sum', [VARCHAR], VARCHAR, (list: string) =>
    bignumericKind.write(
      list.split(',').reduce((sum, item) => sum + bignumericKind.read(item), 0n),
      'SUM',
    ),
  ),
  native('bq_bignumeric_integer', [VARCHAR], BIGINT, (x: string) => {
    const value = divideRounded(bignumericKind.read(x), unit(38))
    return value >= -(1n << 63n) && value < 1n << 63n ? value : need(null, `int64 out of range: ${x}`)
  }),
  native('bq_float_bignumeric', [DOUBLE], VARCHAR, (x: number) =>
    Number.isFinite(x)
      ? bignumericKind.write(exactOf(x), String(x))
      : need(null, `Illegal conversion of non-finite floating point number to bignumeric: ${x}`),
  ),
]

/** The exact value of a double, rounded to 38 digits after the point. */
function exactOf(x: number): bigint {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, x)
  const bits = view.getBigUint64(0)
  const exponent = Number((bits >> 52n) & 0x7ffn)
  const mantissa = (bits & 0xfffffffffffffn) | (exponent === 0 ? 0n : 1n << 52n)
  const shift = BigInt((exponent === 0 ? 1 : exponent) - 1075)
  const size = shift >= 0n ? (mantissa << shift) * unit(38) : divideRounded(mantissa * unit(38), 1n << -shift)
  return x < 0 ? -size : size
}
