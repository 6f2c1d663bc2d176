import { decimalText } from '../../types/numeric.ts'

/** `flags|width|precision|kind` of one specifier of FORMAT. */
function parts(specifier: string): { flags: string; width: number; precision: number | null; kind: string } {
  const [flags = '', width = '', precision = '', kind = ''] = specifier.split('|')
  return { flags, width: Number(width), precision: precision === '' ? null : Number(precision), kind }
}

function finish(sign: string, digits: string, flags: string, width: number): string {
  const missing = width - sign.length - digits.length
  if (missing <= 0) return sign + digits
  if (flags.includes('-')) return sign + digits + ' '.repeat(missing)
  return flags.includes('0') ? sign + '0'.repeat(missing) + digits : ' '.repeat(missing) + sign + digits
}

function signOf(negative: boolean, flags: string): string {
  if (negative) return '-'
  return flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : ''
}

function group(digits: string, flags: string): string {
  return flags.includes("'")
    ? digits.replace(/^\d+/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ','))
    : digits
}

export function formatInteger(specifier: string, value: bigint): string {
  const { flags, width, precision, kind } = parts(specifier)
  const size = value < 0n ? -value : value
  const base = kind === 'o' ? 8 : kind === 'd' || kind === 'i' || kind === 'u' ? 10 : 16
  let digits = size.toString(base)
  if (kind === 'X') digits = digits.toUpperCase()
  if (precision !== null) digits = digits.padStart(precision, '0')
  return finish(signOf(value < 0n, flags), base === 10 ? group(digits, flags) : digits, flags, width)
}

export function formatFloat(specifier: string, value: number): string {
  const { flags, width, precision, kind } = parts(specifier)
  if (!Number.isFinite(value))
    return finish(
      signOf(value < 0, flags),
      Number.isNaN(value) ? 'nan' : 'inf',
      flags.replace('0', ''),
      width,
    )
  const size = Math.abs(value)
  const negative = value < 0 || Object.is(value, -0)
  let digits: string
  if (kind === 'e' || kind === 'E') digits = exponent(size.toExponential(precision ?? 6))
  else if (kind === 'g' || kind === 'G') digits = general(size, precision ?? 6, flags)
  else digits = exactFixed(size, precision ?? 6)
  if (kind === 'E' || kind === 'G') digits = digits.toUpperCase()
  return finish(signOf(negative, flags), group(digits, flags), flags, width)
}

/** As C prints it: the exact binary value, ties to even (toFixed would take them up). */
function exactFixed(value: number, digits: number): string {
  const bits = new DataView(new ArrayBuffer(8))
  bits.setFloat64(0, value)
  const raw = bits.getBigUint64(0)
  const exponent = Number((raw >> 52n) & 0x7ffn)
  const mantissa = (raw & ((1n << 52n) - 1n)) | (exponent === 0 ? 0n : 1n << 52n)
  const shift = BigInt(Math.max(exponent, 1) - 1075)
  const [top, bottom] = shift >= 0n ? [mantissa << shift, 1n] : [mantissa, 1n << -shift]
  const scaled = top * 10n ** BigInt(digits)
  let rounded = scaled / bottom
  const rest = (scaled % bottom) * 2n
  if (rest > bottom || (rest === bottom && rounded % 2n === 1n)) rounded++
  const all = rounded.toString().padStart(digits + 1, '0')
  return digits === 0 ? all : `${all.slice(0, -digits)}.${all.slice(-digits)}`
}

function exponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, 'e$10$2')
}

function general(value: number, precision: number, flags: string): string {
  const digits = precision === 0 ? 1 : precision
  const size = value === 0 ? 0 : Number(value.toExponential(digits - 1).split('e')[1])
  const text =
    size < -4 || size >= digits ? exponent(value.toExponential(digits - 1)) : value.toFixed(digits - 1 - size)
  return flags.includes('#') ? text : text.replace(/(\.\d*?)0+(?=e|$)/, '$1').replace(/\.(?=e|$)/, '')
}

export function formatNumeric(specifier: string, value: bigint): string {
  const { flags, width, precision } = parts(specifier)
  const digits = precision ?? 6
  const size = value < 0n ? -value : value
  let text: string
  if (digits >= 9) {
    const [whole, fraction = ''] = decimalText(size, 9).split('.')
    text = `${whole}.${fraction.padEnd(digits, '0')}`
  } else {
    const unit = 10n ** BigInt(9 - digits)
    const rounded = (size + unit / 2n) / unit
    const all = rounded.toString().padStart(digits + 1, '0')
    text = digits === 0 ? all : `${all.slice(0, -digits)}.${all.slice(-digits)}`
  }
  return finish(signOf(value < 0n, flags), group(text, flags), flags, width)
}

export function formatText(specifier: string, value: string): string {
  const { flags, width, precision } = parts(specifier)
  const chars = precision === null ? Array.from(value) : Array.from(value).slice(0, precision)
  const fill = ' '.repeat(Math.max(0, width - chars.length))
  return flags.includes('-') ? chars.join('') + fill : fill + chars.join('')
}
