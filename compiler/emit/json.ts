/** JSON as the generated files hold it: two spaces, a newline at the end, keys in the order given. */
export function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
