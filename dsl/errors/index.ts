export { codes, type CodeEntry, type ErrorCode } from './codes.ts'
export { DagError, DagProblems, isDagError, sortProblems } from './dag-error.ts'
export { explainCode, pageOf } from './page.ts'
export { relativeFile, renderLocation, renderProblem, renderProblems } from './render.ts'
