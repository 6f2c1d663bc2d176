import { authError, typeError } from '../engine/errors.ts'
import { isList, isMap, type RuntimeMap, type RuntimeValue } from '../engine/value.ts'

/** Makes the tokens of calls with `auth`. */
export interface TokenSource {
  /** An OpenID Connect token for one audience. https://cloud.google.com/docs/authentication/token-types#id */
  idToken(claims: { readonly audience: string; readonly email: string }): string
  /** An access token; opaque, as Google's are. */
  accessToken(): string
}

/** Whose tokens a workflow sends: those of its service account. */
export interface Credentials {
  readonly identity: TokenSource
  readonly email: string
}

/**
 * The Authorization header of a call with `auth`: a token that the local cloud's own services verify and that is worth
 * nothing elsewhere. The audience is the address unless the call says otherwise.
 *
 * https://cloud.google.com/workflows/docs/authenticate-from-workflow
 */
export function authorization(
  auth: RuntimeValue,
  url: string,
  { identity, email }: Credentials,
): string | null {
  if (auth === null) return null
  if (!isMap(auth)) throw typeError('auth must be a map')
  switch (auth.get('type')) {
    case 'OIDC':
      return `Bearer ${identity.idToken({ audience: text(auth, 'audience') ?? url, email })}`
    case 'OAuth2':
      checkScopes(auth.get('scopes') ?? auth.get('scope') ?? null)
      return `Bearer ${identity.accessToken()}`
    default:
      throw authError('auth.type must be OIDC or OAuth2')
  }
}

function text(auth: RuntimeMap, key: string): string | null {
  const value = auth.get(key) ?? null
  if (value !== null && typeof value !== 'string') throw typeError(`auth.${key} must be a string`)
  return value
}

/** A list, or text with the scopes separated by spaces or commas. */
function checkScopes(scopes: RuntimeValue): void {
  const isText = (value: RuntimeValue) => typeof value === 'string'
  if (scopes === null || isText(scopes) || (isList(scopes) && scopes.every(isText))) return
  throw typeError('auth.scopes must be a string or a list of strings')
}
