import type { RunMode, RunState, TaskState } from '../run-view.ts'

/** How a state reads to a person: a word and a glyph, so that colour is never the only sign. */
export interface StateLook {
  readonly word: string
  readonly glyph: string
  /** Name of the CSS class that colours it. */
  readonly tone: 'good' | 'bad' | 'muted' | 'warn' | 'live'
}

export const taskLook: Readonly<Record<TaskState, StateLook>> = {
  success: { word: 'success', glyph: '✓', tone: 'good' },
  failed: { word: 'failed', glyph: '✕', tone: 'bad' },
  skipped: { word: 'skipped', glyph: '↷', tone: 'muted' },
  upstream_failed: { word: 'upstream failed', glyph: '⊘', tone: 'warn' },
  cancelled: { word: 'cancelled', glyph: '⊘', tone: 'warn' },
  running: { word: 'running', glyph: '●', tone: 'live' },
  none: { word: 'not started', glyph: '○', tone: 'muted' },
}

export const runLook: Readonly<Record<RunState, StateLook>> = {
  success: { word: 'Success', glyph: '✓', tone: 'good' },
  failed: { word: 'Failed', glyph: '✕', tone: 'bad' },
  cancelled: { word: 'Cancelled', glyph: '⊘', tone: 'warn' },
  running: { word: 'Running', glyph: '●', tone: 'live' },
  queued: { word: 'Queued', glyph: '○', tone: 'muted' },
}

/** What an execution of a run that was executed before is for. */
export const modeWords: Readonly<Record<RunMode, string>> = {
  rerun: 'a rerun: what had finished before was taken over',
  teardown: 'cleaning up behind the cancelled run: teardowns only',
}
