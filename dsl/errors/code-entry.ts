/** What `dag explain CODE` and the code's page say. */
export interface CodeEntry {
  readonly title: string
  readonly explanation: string
  readonly wrong: string
  readonly fixed: string
  /** Of both snippets. @default 'ts' */
  readonly language?: 'ts' | 'sh'
}
