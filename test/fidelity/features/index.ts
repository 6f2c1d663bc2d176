import { apis } from './apis.ts'
import { connectors } from './connectors.ts'
import { document } from './document.ts'
import { errors } from './errors.ts'
import { expressions } from './expressions.ts'
import type { Area } from './feature.ts'
import { history } from './history.ts'
import { http } from './http.ts'
import { library } from './library.ts'
import { limits } from './limits.ts'
import { steps } from './steps.ts'

/** Every documented feature, as docs/fidelity.md lists them. */
export const AREAS: readonly Area[] = [
  { title: 'Document', features: document },
  { title: 'Steps', features: steps },
  { title: 'Expressions', features: expressions },
  { title: 'Standard library', features: library },
  { title: 'Errors', features: errors },
  { title: 'Limits', features: limits },
  { title: 'HTTP calls', features: http },
  { title: 'Connectors', features: connectors },
  { title: 'APIs', features: apis },
  { title: 'Step entries', features: history },
]
