/** A handler that ignores the signal is left behind, so that the outcome is written before the platform kills. */
export async function withGrace<T>(work: Promise<T>, signal: AbortSignal, graceMs: number): Promise<T> {
  const { promise: overdue, reject } = deferred()
  let timer: NodeJS.Timeout | undefined
  const stop = () => {
    timer = setTimeout(() => reject(signal.reason), graceMs)
  }
  if (signal.aborted) stop()
  else signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([work, overdue])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', stop)
  }
}

function deferred(): { promise: Promise<never>; reject: (reason: unknown) => void } {
  let reject: (reason: unknown) => void = () => {}
  const promise = new Promise<never>((_, refuse) => {
    reject = refuse
  })
  return { promise, reject }
}
