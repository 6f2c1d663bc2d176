/**
 * Copies of a case with one expectation changed each: whatever checks the case has to fail for every one of them.
 * `expectations` are the keys of a row that state what comes out.
 */
export function mutations<Row extends object>(row: Row, expectations: readonly string[]): readonly Row[] {
  return Object.entries(row)
    .filter(([key]) => expectations.includes(key))
    .flatMap(([key, value]: [string, unknown]) =>
      (key === 'error' && isRecord(value) ? partsOf(value) : [changed(value)]).map((other) => ({
        ...row,
        [key]: other,
      })),
    )
}

/** Whether a check finds nothing wrong. */
export function passes(check: () => void): boolean {
  try {
    check()
    return true
  } catch {
    return false
  }
}

/** Of an error each part on its own, since each is checked on its own. */
function partsOf(error: Readonly<Record<string, unknown>>): readonly unknown[] {
  return Object.entries(error).map(([key, value]) => ({ ...error, [key]: changed(value) }))
}

function changed(value: unknown): unknown {
  if (Array.isArray(value)) return [...(value as readonly unknown[]), 'changed']
  if (isRecord(value)) return { ...value, changed: true }
  return typeof value === 'number'
    ? // Beyond 2^53 the next number is too near.
      value + 1 === value
      ? value * 2
      : value + 1
    : typeof value === 'bigint'
      ? value + 1n
      : `${String(value)} changed`
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
