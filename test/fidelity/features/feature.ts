/** A documented feature, and how the simulator behaves. */
export interface Feature {
  readonly feature: string
  /** Page of the documentation. */
  readonly page: string
  readonly behaves: 'same' | 'partly' | 'not'
  /** Where it is not the same: what differs. */
  readonly note: string
  readonly evidence: Evidence
  /** As docs/fidelity.md names cases. */
  readonly case: string
  /** What of the code the row is about: `function text.split`, `limit memory`, `tag KeyError`, `connectors PREFIX`. */
  readonly subject: string | null
}

/** How sure the documented behaviour is. */
type Evidence = 'documented' | 'samples' | 'schema' | 'tools'

export interface Area {
  readonly title: string
  readonly features: readonly Feature[]
}

const DOCS = 'https://cloud.google.com/workflows/docs'

/** Rows of one page; `path` is relative to the documentation of Workflows. */
export function on(path: string, rows: readonly Row[]): readonly Feature[] {
  return rows.map((row) => ({
    page: path.startsWith('https://') ? path : `${DOCS}/${path}`,
    evidence: 'documented',
    ...row,
  }))
}

type Row = Omit<Feature, 'page' | 'evidence'> & { readonly page?: string; readonly evidence?: Evidence }

/** Behaves as documented. */
export const same = (feature: string, proof: string, more: Partial<Row> = {}): Row => ({
  feature,
  behaves: 'same',
  note: '',
  case: proof,
  subject: null,
  ...more,
})

/** Behaves as documented but for what the note says. */
export const partly = (feature: string, note: string, proof: string, more: Partial<Row> = {}): Row => ({
  ...same(feature, proof, more),
  behaves: 'partly',
  note,
})

/** Does not behave as documented. */
export const not = (feature: string, note: string, proof: string, more: Partial<Row> = {}): Row => ({
  ...same(feature, proof, more),
  behaves: 'not',
  note,
})
