const SMALLEST = -(2n ** 63n)
const LARGEST = 2n ** 63n - 1n

/** Integers are 64-bit signed. https://cloud.google.com/workflows/docs/reference/syntax/datatypes */
export function fitsInteger(value: bigint): boolean {
  return value >= SMALLEST && value <= LARGEST
}

/** Shortest text that reads back as the same double; `-0` is `0`, a whole double has no fraction. */
export function doubleText(value: number): string {
  return String(value)
}
