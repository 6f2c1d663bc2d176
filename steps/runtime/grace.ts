/** A handler that ignores the signal is left behind, so that the outcome is written before the platform kills. */
export async function withGrace<T>(work: Promise<T>, signal: AbortSignal, graceMs: number): Promise<T> {
  const over = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const overdue = new Promise<never>((_, reject) => {
    const stop = () => {
      timer = setTimeout(reject, graceMs, signal.reason)
    }
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true, signal: over.signal })
  })
  try {
    return await Promise.race([work, overdue])
  } finally {
    over.abort()
    clearTimeout(timer)
  }
}
