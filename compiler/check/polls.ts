/**
 * Polls that a connector makes while it waits: delays grow from 1 s by a factor of 1.25 to 60 s.
 * https://cloud.google.com/workflows/docs/connectors#long-running_operations
 */
export function pollsWithin(seconds: number): number {
  let polls = 0
  let passed = 0
  for (let delay = 1; delay < 60 && passed + delay <= seconds; delay *= 1.25) {
    passed += delay
    polls += 1
  }
  return polls + Math.floor((seconds - passed) / 60)
}
