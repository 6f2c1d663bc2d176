import { divideRounded } from './numeric.ts'

/** Fixed-point arithmetic on integers of `SCALE` decimal digits, for results that are then rounded to 9 or 38. */
const SCALE = 100
const ONE = 10n ** BigInt(SCALE)

function up(value: bigint, scale: number): bigint {
  return value * 10n ** BigInt(SCALE - scale)
}

function down(value: bigint, scale: number): bigint {
  return divideRounded(value, 10n ** BigInt(SCALE - scale))
}

function rootOf(value: bigint): bigint {
  if (value < 2n) return value
  let x = 1n << BigInt((value.toString(2).length + 1) >> 1)
  for (let next = (x + value / x) >> 1n; next < x; next = (x + value / x) >> 1n) x = next
  return x
}

/** Square root of a decimal that is not negative. */
export function decimalSqrt(value: bigint, scale: number): bigint {
  return down(rootOf(up(value, scale) * ONE), scale)
}

/** 2 · artanh(x) by its series, |x| well below 1. */
function doubleArtanh(x: bigint): bigint {
  const square = (x * x) / ONE
  let sum = 0n
  for (let term = x, n = 1n; term !== 0n; term = (term * square) / ONE, n += 2n) sum += term / n
  return 2n * sum
}

let ln2Cache: bigint | null = null
function ln2(): bigint {
  return (ln2Cache ??= doubleArtanh(ONE / 3n))
}

function lnFixed(x: bigint): bigint {
  let m = x
  let k = 0n
  for (; m > (ONE * 3n) / 2n; k++) m = m / 2n
  for (; m < (ONE * 3n) / 4n; k--) m = m * 2n
  return doubleArtanh(((m - ONE) * ONE) / (m + ONE)) + k * ln2()
}

function expFixed(x: bigint): bigint {
  const k = x / ln2()
  // e^256 has more digits than any decimal type.
  if (k > 400n) return ONE ** 2n
  if (k < -400n) return 0n
  const r = x - k * ln2()
  let sum = ONE
  for (let term = r, n = 1n; term !== 0n; n++, term = (term * r) / ONE / n) sum += term
  return k >= 0n ? sum << k : sum >> -k
}

/** Natural logarithm of a positive decimal. */
export function decimalLn(value: bigint, scale: number): bigint {
  return down(lnFixed(up(value, scale)), scale)
}

/** Logarithm of a positive decimal by a positive base other than 1. */
export function decimalLog(value: bigint, base: bigint, scale: number): bigint {
  return down((lnFixed(up(value, scale)) * ONE) / lnFixed(up(base, scale)), scale)
}

export function decimalExp(value: bigint, scale: number): bigint {
  return down(expFixed(up(value, scale)), scale)
}

/** x to the y; null where it is no real number (0 to a negative power, a negative base to a fraction). */
export function decimalPow(x: bigint, y: bigint, scale: number): bigint | null {
  const unit = 10n ** BigInt(scale)
  if (y === 0n) return unit
  if (x === 0n) return y > 0n ? 0n : null
  if (y % unit !== 0n)
    return x < 0n ? null : down(expFixed((up(y, scale) * lnFixed(up(x, scale))) / ONE), scale)
  let n = y / unit
  const inverse = n < 0n
  if (inverse) n = -n
  if (n > 100_000n && x !== unit && x !== -unit) return inverse ? 0n : unit ** 9n
  let result = ONE
  for (let base = up(x, scale); n > 0n; n >>= 1n, base = (base * base) / ONE) {
    if (n & 1n) result = (result * base) / ONE
    // Beyond every decimal type: the exact value no longer matters.
    if (result > ONE * 10n ** 90n || result < -ONE * 10n ** 90n)
      return inverse ? 0n : result > 0n ? unit ** 9n : -(unit ** 9n)
  }
  if (!inverse) return down(result, scale)
  return result === 0n ? unit ** 9n : down(divideRounded(ONE * ONE, result), scale)
}
