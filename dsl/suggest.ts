/** The known word that `word` most likely meant, or null where none is near. */
export function closest(word: string, known: Iterable<string>): string | null {
  let best: { word: string; distance: number } | null = null
  for (const candidate of known) {
    const distance = editDistance(plain(word), plain(candidate))
    if (isNear(word, candidate, distance) && (!best || distance < best.distance)) {
      best = { word: candidate, distance }
    }
  }
  return best?.word ?? null
}

/** ` did you mean "retries"?`-style hint, falling back to the list of what is known. */
export function didYouMean(word: string, known: readonly string[], what: string): string {
  const near = closest(word, known)
  if (near !== null) return `did you mean "${near}"?`
  return known.length === 0 ? `there are no ${what} here` : `known ${what}: ${known.join(', ')}`
}

/** A third of the letters may differ; another ending (`retry`, `retries`) counts as near too. */
function isNear(word: string, candidate: string, distance: number): boolean {
  const near = Math.max(1, Math.floor(candidate.length / 3))
  return distance <= near || (distance <= 3 && plain(word).slice(0, 4) === plain(candidate).slice(0, 4))
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[_-]/g, '')
}

/** Levenshtein distance, a swap of neighbours counting as one edit. */
function editDistance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)]
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const at = (r: number, c: number) => (r === i ? row : rows[r])?.[c] ?? 0
      const cost = a[i - 1] === b[j - 1] ? 0 : 1
      let value = Math.min(at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + cost)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        value = Math.min(value, at(i - 2, j - 2) + 1)
      row.push(value)
    }
    rows.push(row)
  }
  return rows[a.length]?.[b.length] ?? 0
}
