/**
 * Values of a running workflow. Integers are 64-bit and are bigints, doubles are numbers: `1` and `1.0` stay
 * distinct and JSON integers beyond 2^53 survive. Maps are `Map`s, so that keys like `__proto__` are plain keys.
 *
 * https://cloud.google.com/workflows/docs/reference/syntax/datatypes
 */
export type RuntimeValue = null | boolean | bigint | number | string | Uint8Array | RuntimeList | RuntimeMap

export type RuntimeList = readonly RuntimeValue[]
export type RuntimeMap = ReadonlyMap<string, RuntimeValue>
