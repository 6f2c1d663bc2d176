/** Expressions are bound to 400 characters, `${}` perhaps included. https://cloud.google.com/workflows/quotas */
export const longestExpression = 390

/** Texts joined by a separator, as few expressions as hold them; each after the first begins with the separator. */
export function concatenations(parts: readonly string[], separator: string): readonly string[] {
  const between = JSON.stringify(separator)
  return parts.reduce<string[]>((all, part) => {
    const last = all.at(-1)
    if (last === undefined) return [part]
    const added = joined(between, part)
    const longer = `${last} + ${added}`
    if (longer.length <= longestExpression) all[all.length - 1] = longer
    else all.push(added)
    return all
  }, [])
}

/** `", " + "b=" + x` reads better as `", b=" + x`. */
function joined(between: string, part: string): string {
  return part.startsWith('"') ? between.slice(0, -1) + part.slice(1) : `${between} + ${part}`
}
