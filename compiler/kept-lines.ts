import type * as Jiti from 'jiti'

type Transform = NonNullable<Jiti.JitiOptions['transform']>

/**
 * jiti's own way to make JavaScript of a project's file, with every line where it was: Babel moves what follows the comments
 * at the head of a file down when it retains lines, so that these are given to it as blanks.
 */
export function transformWith({ createJiti }: typeof Jiti): Transform {
  const own = createJiti(import.meta.url, { fsCache: false })
  return (options) => ({ code: own.transform({ ...options, source: withBlankHead(options.source) }) })
}

function withBlankHead(source: string): string {
  return source.replace(/^(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)+/, (head) => head.replaceAll(/[^\n]/g, ' '))
}
