/** How one probe ended, on the service or in the emulator. */
export type ProbeEnd =
  | { readonly kind: 'refused'; readonly message: string }
  /** JSON text. */
  | { readonly kind: 'succeeded'; readonly result: string }
  /** JSON text of what was raised, and how many frames the stack trace lists. */
  | { readonly kind: 'failed'; readonly payload: string; readonly frames: number }
  /** Neither: the reason, e.g. that it took too long. */
  | { readonly kind: 'unknown'; readonly reason: string }

/** Reads an end as a short text that two sides can compare. */
export type Judge = (end: ProbeEnd) => string

/** The result as it is; of an error its tags; a refusal without its words, which are nobody's contract. */
export const plainAnswer: Judge = (end) => {
  switch (end.kind) {
    case 'refused':
      return 'refused at deployment'
    case 'succeeded':
      return end.result
    case 'failed':
      return `fails with ${tagsOf(end.payload)}`
    case 'unknown':
      return end.reason
  }
}

/** How many frames the stack trace of an error lists. */
export const frameCount: Judge = (end) => (end.kind === 'failed' ? `${end.frames} frames` : plainAnswer(end))

function tagsOf(payload: string): string {
  try {
    const raised: unknown = JSON.parse(payload)
    const tags = typeof raised === 'object' && raised !== null && 'tags' in raised ? raised.tags : raised
    return JSON.stringify(tags)
  } catch {
    return payload
  }
}
