import { createHash } from 'node:crypto'

/** Labels of everything that deploy makes for a DAG. */
export function ownLabels(dag: string): Record<string, string> {
  return { dag: labelValue(dag), 'managed-by': 'dagwright' }
}

/** Keeps a value within the rules of labels: lower case, digits, `_`, `-`, 63 characters. */
export function labelValue(value: string): string {
  return value
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]/g, '-')
    .slice(0, 63)
}

/** The first 12 hexadecimal digits of a text's SHA-256. */
export function contentHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}

/** Only those of `actual` that `desired` names: people may add labels of their own. */
export function labelsAmong(
  actual: Readonly<Record<string, string>> | null | undefined,
  desired: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(Object.entries(actual ?? {}).filter(([key]) => key in desired))
}
