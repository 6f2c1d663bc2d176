import { ApiError } from '../errors.ts'

/**
 * `matchGlob` of object listing: `*` and `?` within a path segment, `**` across them, `[a-z]`, `[!a]`, `{a,b}`.
 * https://cloud.google.com/storage/docs/json_api/v1/objects/list#list-objects-and-prefixes-using-glob
 */
export function compileGlob(glob: string): RegExp {
  let source = ''
  let depth = 0
  for (let index = 0; index < glob.length; index += 1) {
    const rest = glob.slice(index)
    const char = glob[index]!
    const set = /^\[(!?)([^\]]+)\]/.exec(rest)
    if (rest.startsWith('**/')) {
      source += '(?:.*/)?'
      index += 2
    } else if (rest.startsWith('**')) {
      source += '.*'
      index += 1
    } else if (char === '*') source += '[^/]*'
    else if (char === '?') source += '[^/]'
    else if (set !== null) {
      source += `[${set[1] === '' ? '' : '^'}${set[2]!.replaceAll(/[\\\]^]/g, String.raw`\$&`)}]`
      index += set[0].length - 1
    } else if (char === '{') {
      source += '(?:'
      depth += 1
    } else if (char === '}' && depth > 0) {
      source += ')'
      depth -= 1
    } else if (char === ',' && depth > 0) source += '|'
    else if (char === '\\' && index + 1 < glob.length) source += escape(glob[(index += 1)]!)
    else source += escape(char)
  }
  if (depth > 0) throw new ApiError(400, `Invalid glob: ${glob}`, 'invalid')
  try {
    return new RegExp(`^${source}$`, 'su')
  } catch {
    throw new ApiError(400, `Invalid glob: ${glob}`, 'invalid')
  }
}

/**
 * The pattern of a BigQuery source URI: one `*`, which matches any characters, slashes too.
 * https://cloud.google.com/bigquery/docs/batch-loading-data#load-wildcards
 */
export function compileWildcard(pattern: string): RegExp {
  return new RegExp(`^${pattern.split('*').map(escape).join('.*')}$`, 'su')
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)
}
