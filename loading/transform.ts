import type * as Jiti from 'jiti'
import { quickly } from './quick.ts'

type Transform = NonNullable<Jiti.JitiOptions['transform']>

/**
 * What makes JavaScript of a project's file, with every line where it was: quickly where that can be, else as jiti does.
 * Modules whose names are in `finals` never change what they export.
 */
export function transformWith(library: typeof Jiti, finals: ReadonlySet<string>): Transform {
  const thoroughly = thoroughWith(library)
  return (options) => {
    const code = quickly(options, finals)
    return code === null ? thoroughly(options) : { code }
  }
}

/**
 * jiti's own way. Babel moves what follows the comments at the head of a file down when it retains lines, so that these are
 * given to it as blanks.
 */
export function thoroughWith({ createJiti }: typeof Jiti): Transform {
  let own: Jiti.Jiti | null = null
  return (options) => {
    own ??= createJiti(import.meta.url, { fsCache: false })
    return { code: own.transform({ ...options, source: withBlankHead(options.source) }) }
  }
}

function withBlankHead(source: string): string {
  return source.replace(/^(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)+/, (head) => head.replaceAll(/[^\n]/g, ' '))
}
