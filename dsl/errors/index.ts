export { codes } from './codes.ts'
export { DagError, DagProblems, isDagError } from './dag-error.ts'
export { explainCode, pageOf } from './page.ts'
export { relativeFile, renderProblem, renderProblems } from './render.ts'
