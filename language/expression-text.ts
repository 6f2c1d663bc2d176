/**
 * A scalar is an expression when all of it, apart from white space around it (block scalars end in a line
 * break), is `${…}`. Text that merely contains `${…}` is literal: the service does not interpolate.
 *
 * https://cloud.google.com/workflows/docs/reference/syntax/expressions
 */
export function expressionSource(text: string): string | undefined {
  if (!text.includes('${')) return undefined
  const trimmed = text.trim()
  return trimmed.startsWith('${') && trimmed.endsWith('}') ? trimmed.slice(2, -1) : undefined
}
