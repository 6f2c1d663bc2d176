import { createPublicKey, verify, type JsonWebKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createTokens } from './tokens.ts'

const START = Date.parse('2026-03-09T09:00:00Z')
let now = START
const identity = createTokens(
  () => 'http://127.0.0.1:1',
  () => now,
)
const audience = 'https://hello.run.app'
const token = identity.idToken({ audience, email: 'me@p.iam.gserviceaccount.com' })
const [header = '', claims = '', signature = ''] = token.split('.')

const decoded = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString())
const accepting = (wanted: string) => (audience: string) => audience === wanted
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('an ID token', () => {
  it('has the claims that a service looks at', () => {
    expect(decoded(claims)).toEqual({
      iss: 'http://127.0.0.1:1',
      aud: audience,
      azp: expect.stringMatching(/^\d{21}$/) as string,
      sub: expect.stringMatching(/^\d{21}$/) as string,
      email: 'me@p.iam.gserviceaccount.com',
      email_verified: true,
      iat: START / 1000,
      exp: START / 1000 + 3600,
    })
  })

  it('is signed with the key of the key set', () => {
    const [key] = identity.keySet().keys
    expect(decoded(header)).toEqual({ alg: 'RS256', kid: key?.['kid'], typ: 'JWT' })
    const publicKey = createPublicKey({ key: key as JsonWebKey, format: 'jwk' })
    expect(key).not.toHaveProperty('d')
    const content = Buffer.from(`${header}.${claims}`)
    expect(verify('RSA-SHA256', content, publicKey, Buffer.from(signature, 'base64url'))).toBe(true)
    expect(identity.verify(token, accepting(audience))).toMatchObject({
      kind: 'valid',
      claims: { aud: audience },
    })
  })

  it.each([
    ['another audience', token, 'https://other.run.app', 'the token is for another audience'],
    ['no JWT', 'ya29.abc', audience, 'the token is not a JWT'],
    ['four parts', `${token}.x`, audience, 'the token is not a JWT'],
    [
      'a key of its own',
      `${encoded({ alg: 'RS256', kid: 'mine' })}.${claims}.${signature}`,
      audience,
      /another key/,
    ],
    ['no signature', `${encoded({ alg: 'none' })}.${claims}.`, audience, /another key/],
    [
      'claims that were changed',
      `${header}.${encoded({ ...(decoded(claims) as object), aud: 'y' })}.${signature}`,
      'y',
      'the signature does not fit the token',
    ],
    [
      'another emulator',
      createTokens(() => 'http://127.0.0.1:1').idToken({ audience, email: 'a@b' }),
      audience,
      /another key/,
    ],
  ])('is refused for %s', (_name, given, accepted, reason) => {
    expect(identity.verify(given, accepting(accepted))).toEqual({
      kind: 'invalid',
      reason: typeof reason === 'string' ? reason : (expect.stringMatching(reason) as string),
    })
  })

  it('expires after an hour', () => {
    now = START + 3_599_000
    expect(identity.verify(token, accepting(audience)).kind).toBe('valid')
    now = START + 3_600_000
    expect(identity.verify(token, accepting(audience))).toEqual({
      kind: 'invalid',
      reason: 'the token has expired',
    })
    now = START
  })
})

it('an access token is no ID token', () => {
  expect(identity.accessToken()).toMatch(/^ya29\./)
  expect(identity.accessToken()).not.toBe(identity.accessToken())
  expect(identity.verify(identity.accessToken(), accepting(audience)).kind).toBe('invalid')
})
