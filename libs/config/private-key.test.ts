import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { inspect } from 'node:util'
import { HooklineError } from '#libs/contract'
import { loadPrivateKey } from './private-key'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey

const pkcs8 = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString()
const pem = pkcs8(rsa)
const pkcs1 = rsa.export({ type: 'pkcs1', format: 'pem' }).toString()
const lines = pem.trim().split('\n')
const passphrase = { cipher: 'aes-256-cbc', passphrase: 'pass' }
const certificate = pem.replaceAll('PRIVATE KEY', 'CERTIFICATE')

describe('loadPrivateKey', () => {
  test.each([
    ['PKCS#8', pem],
    ['PKCS#1', pkcs1],
    ['literal \\n', lines.join('\\n')],
    ['literal \\\\n and a trailing one', `${lines.join('\\\\n')}\\\\n`],
    ['literal \\r\\n', lines.join('\\r\\n')],
    ['CRLF', lines.join('\r\n')],
    ['spaces for line ends', lines.join(' ')],
    ['line ends lost', lines.join('')],
    ['indented', lines.map((line) => `    ${line}`).join('\n')],
    ['in double quotes', `"${lines.join('\\n')}"`],
    ['in single quotes', `'${pem}'`],
    ['after a BOM and blank lines', `\uFEFF\n\n${pem}\n\n`],
    ['after its certificate', `${certificate}${pem}`],
    ['JWK', JSON.stringify(rsa.export({ format: 'jwk' }))],
    ['JWK with kid and use', JSON.stringify({ ...rsa.export({ format: 'jwk' }), kid: 'k', use: 'sig' })],
  ])('reads a key given as %s', (_name, text) => {
    expect(loadPrivateKey(text).equals(rsa)).toBe(true)
  })

  test.each([
    ['nothing', ' ', 'is empty'],
    ['a certificate', certificate, 'starts with -----BEGIN CERTIFICATE-----'],
    [
      'a public key',
      createPublicKey(rsa).export({ type: 'spki', format: 'pem' }).toString(),
      'BEGIN PUBLIC KEY',
    ],
    ['a bare body', lines[3], 'no -----BEGIN line'],
    ['a key without its end', lines.slice(0, 5).join('\n'), 'no END line'],
    ['a key with a hole', [...lines.slice(0, 5), ...lines.slice(9)].join('\n'), 'are not a key'],
    ['PKCS#8 with a passphrase', rsa.export({ type: 'pkcs8', format: 'pem', ...passphrase }), 'passphrase'],
    ['PKCS#1 with a passphrase', rsa.export({ type: 'pkcs1', format: 'pem', ...passphrase }), 'passphrase'],
    ['an EC key', pkcs8(ec), 'type ec'],
    ['a short RSA key', pkcs8(small), '1024 bits'],
    [
      'a public JWK',
      JSON.stringify(createPublicKey(rsa).export({ format: 'jwk' })),
      'not a private key as JWK',
    ],
    ['broken JSON', `{"kty":"RSA","d":"${lines[4]!}`, 'not a private key as JWK'],
    ['a path', '/run/secrets/helpdesk.pem', 'name of a file'],
  ])('refuses %s, says what it saw and shows nothing of it', (_name, text, seen) => {
    const error = thrownBy(() => loadPrivateKey(String(text)))
    expect(error).toBeInstanceOf(HooklineError)
    expect(error).toMatchObject({ code: 'config_invalid' })
    const shown = inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error)
    expect(shown).toContain(seen)
    for (const line of lines.slice(1, -1)) expect(shown).not.toContain(line.slice(0, 20))
  })
})

function thrownBy(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('did not throw')
}
