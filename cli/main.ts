#!/usr/bin/env node
import { exit, Interruption, type Output } from './command.ts'
import { run } from './program.ts'

const output: Output = {
  out: (text) => process.stdout.write(`${text}\n`),
  note: (text) => process.stderr.write(`${text}\n`),
  bytes: (data) => process.stdout.write(data),
  terminal: process.stdout.isTTY,
  draw: (text) => process.stderr.write(text),
  live: process.stderr.isTTY,
  width: process.stderr.columns ?? 100,
}

// A closed pipe (`dag query … | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exit.success)
  throw error
})

const interruption = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // Once to end in order, twice to end at once.
    if (interruption.signal.aborted) process.exit(exit.interrupted)
    interruption.abort(new Interruption(signal))
  })
}

process.exitCode = await run(process.argv.slice(2), output, interruption.signal)
// Clients keep sockets open for reuse. What is left to be written is written first: pipes that are full take it later.
process.stdout.write('', () => process.stderr.write('', () => process.exit()))
