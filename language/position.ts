/** A place in a Workflows source, 1-based, as editors and the service count. */
export interface Position {
  readonly line: number
  readonly column: number
}
