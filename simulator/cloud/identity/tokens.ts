import { createHash, createPublicKey, generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { TokenSource } from '../../connectors/authorization.ts'

/**
 * Tokens of the local cloud: signed as Google signs its own, with a key that exists as long as the process and is
 * trusted by nobody else. They tell the time of the wall, whatever clock the emulator runs on, since services outside
 * verify them with ordinary libraries.
 */
export interface Identity extends TokenSource {
  /** The claims of a token for an audience that `accepts` takes, or what is wrong with it. */
  verify(token: string, accepts: (audience: string) => boolean): Verification
  /** The public key, for those who verify tokens. https://www.rfc-editor.org/rfc/rfc7517#section-5 */
  keySet(): { readonly keys: readonly Readonly<Record<string, unknown>>[] }
}

type Verification =
  { readonly kind: 'valid'; readonly claims: Claims } | { readonly kind: 'invalid'; readonly reason: string }

interface Claims {
  readonly iss: string
  readonly aud: string
  readonly azp: string
  readonly sub: string
  readonly email: string
  readonly email_verified: boolean
  /** Seconds since the epoch. */
  readonly iat: number
  readonly exp: number
}

const LIFETIME_SECONDS = 3600

/** `issuer` is the emulator's root URL, known once it listens. */
export function createTokens(issuer: () => string, now: () => number = Date.now): Identity {
  let made: Key | undefined
  // Making a key takes a tenth of a second, which most runs need not spend.
  const key = () => (made ??= createKey())
  return {
    idToken: ({ audience, email }) => {
      const iat = Math.floor(now() / 1000)
      const sub = accountNumber(email)
      const claims: Claims = {
        iss: issuer(),
        aud: audience,
        azp: sub,
        sub,
        email,
        email_verified: true,
        iat,
        exp: iat + LIFETIME_SECONDS,
      }
      const { id, privateKey } = key()
      const content = `${encode({ alg: 'RS256', kid: id, typ: 'JWT' })}.${encode(claims)}`
      return `${content}.${sign('RSA-SHA256', Buffer.from(content), privateKey).toString('base64url')}`
    },
    accessToken: () => `ya29.dagwright.${randomBytes(24).toString('base64url')}`,
    verify: (token, accepts) => verifyToken(token, accepts, { key: key(), issuer: issuer(), now: now() }),
    keySet: () => {
      const { id, publicKey } = key()
      return { keys: [{ ...publicKey.export({ format: 'jwk' }), kid: id, alg: 'RS256', use: 'sig' }] }
    },
  }
}

interface Key {
  readonly id: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

function createKey(): Key {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const publicKey = createPublicKey(privateKey)
  const id = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
  return { id: id.slice(0, 40), privateKey, publicKey }
}

function verifyToken(
  token: string,
  accepts: (audience: string) => boolean,
  { key, issuer, now }: { readonly key: Key; readonly issuer: string; readonly now: number },
): Verification {
  const [header = '', body = '', signature = '', ...rest] = token.split('.')
  const fields = decode(header)
  const claims = decode(body)
  if (rest.length > 0 || fields === null || claims === null) return invalid('the token is not a JWT')
  // What the header says about the algorithm is not believed: there is only one.
  if (fields['alg'] !== 'RS256' || fields['kid'] !== key.id)
    return invalid('the token is signed by another key')
  const content = Buffer.from(`${header}.${body}`)
  if (!verify('RSA-SHA256', content, key.publicKey, Buffer.from(signature, 'base64url')))
    return invalid('the signature does not fit the token')
  if (claims['iss'] !== issuer) return invalid('the token comes from another issuer')
  if (!(Number(claims['exp']) * 1000 > now)) return invalid('the token has expired')
  if (!accepts(String(claims['aud']))) return invalid('the token is for another audience')
  return { kind: 'valid', claims: claims as unknown as Claims }
}

function invalid(reason: string): Verification {
  return { kind: 'invalid', reason }
}

/** 21 digits that stand for an account, as `sub` has them. */
function accountNumber(email: string): string {
  const digest = createHash('sha256').update(email).digest()
  return `1${String(digest.readBigUInt64BE(0)).padStart(20, '0')}`
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function decode(part: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}
