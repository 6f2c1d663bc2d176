import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import { isIPv4 } from 'node:net'

/** A certificate made for one run of a test, and its key. */
export interface Certificate {
  /** As `ca_certificate` takes it. */
  readonly der: Uint8Array
  readonly pem: string
  readonly key: string
}

/** An authority that vouches for itself, and a server's certificate from it for the hosts. */
export function certificates(
  name: string,
  hosts: readonly string[],
): { readonly authority: Certificate; readonly server: Certificate } {
  const own = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const isAuthority = extension('551d13', sequence(tagged(0x01, 'ff')))
  const names = sequence(
    ...hosts.map((host) =>
      isIPv4(host) ? tagged(0x87, Buffer.from(host.split('.').map(Number))) : tagged(0x82, Buffer.from(host)),
    ),
  )
  return {
    authority: certificate({ subject: name, key: own, issuer: name, signer: own.privateKey }, isAuthority),
    server: certificate(
      { subject: 'a server', key: server, issuer: name, signer: own.privateKey },
      extension('551d11', names),
    ),
  }
}

interface Parts {
  readonly subject: string
  readonly key: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }
  readonly issuer: string
  readonly signer: KeyObject
}

/** https://www.rfc-editor.org/rfc/rfc5280#section-4.1 */
function certificate({ subject, key, issuer, signer }: Parts, extensions: Buffer): Certificate {
  const ecdsaWithSha256 = sequence(tagged(0x06, '2a8648ce3d040302'))
  const validity = sequence(
    tagged(0x17, Buffer.from('200101000000Z')),
    tagged(0x17, Buffer.from('491231235959Z')),
  )
  const content = sequence(
    tagged(0xa0, tagged(0x02, '02')),
    tagged(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    distinguishedName(issuer),
    validity,
    distinguishedName(subject),
    key.publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(extensions)),
  )
  const signature = Buffer.concat([Buffer.from([0]), sign('sha256', content, signer)])
  const der = sequence(content, ecdsaWithSha256, tagged(0x03, signature))
  return {
    der: new Uint8Array(der),
    pem: `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`,
    key: key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

/** Of nothing but a common name. */
function distinguishedName(text: string): Buffer {
  return sequence(tagged(0x31, sequence(tagged(0x06, '550403'), tagged(0x0c, Buffer.from(text)))))
}

function extension(id: string, content: Buffer): Buffer {
  return sequence(tagged(0x06, id), tagged(0x04, content))
}

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tagged(0x30, Buffer.concat(parts))
}

/** One value of DER; text is its content in hexadecimal. */
function tagged(tag: number, content: Uint8Array | string): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'hex') : content
  const { length } = bytes
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...size]), bytes])
}
