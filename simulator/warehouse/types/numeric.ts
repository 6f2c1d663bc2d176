/** Decimal text to an integer of `scale` digits, rounded half away from zero; null if it is no decimal number. */
export function parseDecimal(text: string, scale: number): bigint | null {
  const match = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?\s*$/.exec(text)
  if (!match || (match[2] === '' && (match[3] ?? '') === '')) return null
  const digits = match[2]! + (match[3] ?? '')
  const shift = scale - (match[3] ?? '').length + Number(match[4] ?? 0)
  if (Math.abs(shift) > 1000) return digits.replaceAll('0', '') === '' ? 0n : shift > 0 ? null : 0n
  let value = BigInt(digits === '' ? '0' : digits)
  if (shift >= 0) value *= 10n ** BigInt(shift)
  else value = divideRounded(value, 10n ** BigInt(-shift))
  return match[1] === '-' ? -value : value
}

/** Integer division rounded half away from zero. */
export function divideRounded(a: bigint, b: bigint): bigint {
  const negative = a < 0n !== b < 0n
  const [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b]
  const quotient = (2n * x + y) / (2n * y)
  return negative ? -quotient : quotient
}

/** BigQuery's shortest text: no trailing zeros, no point without digits. */
export function decimalText(value: bigint, scale: number): string {
  const negative = value < 0n
  const digits = (negative ? -value : value).toString().padStart(scale + 1, '0')
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '')
  const whole = digits.slice(0, digits.length - scale)
  return `${negative ? '-' : ''}${whole}${scale > 0 && fraction !== '' ? `.${fraction}` : ''}`
}

export const NUMERIC_LIMIT = 10n ** 38n
/** 2^255 at scale 38. */
export const BIGNUMERIC_LIMIT = 1n << 255n
