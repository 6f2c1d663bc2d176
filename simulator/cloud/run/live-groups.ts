/**
 * Process groups of running job tasks. They are detached, so a Ctrl-C at the terminal does not reach them: they are
 * killed when this process exits or gets a signal that ends it.
 */
class LiveGroups {
  readonly #groups = new Set<number>()
  readonly #onExit = () => this.#killAll()
  readonly #onSignal = (signal: NodeJS.Signals) => {
    this.#killAll()
    // With a listener the signal no longer ends the process: do what would have happened without ours.
    if (process.listenerCount(signal) === 1) {
      process.off(signal, this.#onSignal)
      process.kill(process.pid, signal)
    }
  }

  add(group: number): void {
    if (this.#groups.size === 0) {
      process.on('exit', this.#onExit)
      for (const signal of endingSignals) process.on(signal, this.#onSignal)
    }
    this.#groups.add(group)
  }

  delete(group: number): void {
    this.#groups.delete(group)
    if (this.#groups.size > 0) return
    process.off('exit', this.#onExit)
    for (const signal of endingSignals) process.off(signal, this.#onSignal)
  }

  #killAll(): void {
    for (const group of this.#groups) {
      try {
        process.kill(-group, 'SIGKILL')
      } catch {
        // Gone already.
      }
    }
  }
}

const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export const liveGroups = new LiveGroups()
