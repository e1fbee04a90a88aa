import { createVault } from './vault'

const secret = Buffer.from('client-secret')
const grant = { token: 'AT-トークン', mintedAt: 1, expiresAt: 3_600_001 }

describe('vault', () => {
  test('opens what it sealed, never sealing the same twice', () => {
    const vault = createVault(secret, 'helpdesk')
    const [one, two] = [vault.seal(grant), vault.seal(grant)]
    expect(vault.open(one)).toEqual(grant)
    expect(createVault(secret, 'helpdesk').open(two)).toEqual(grant)
    expect(one).not.toBe(two)
    expect(one.split('.')[0]).toBe(vault.fingerprint(grant.token))
  })

  test('does not open for another secret, another bot, or a changed value', () => {
    const sealed = createVault(secret, 'helpdesk').seal(grant)
    expect(createVault(Buffer.from('rotated'), 'helpdesk').open(sealed)).toBeUndefined()
    expect(createVault(secret, 'shop').open(sealed)).toBeUndefined()
    const last = sealed.at(-3) === 'A' ? 'B' : 'A'
    const changed = `${sealed.slice(0, -3)}${last}${sealed.slice(-2)}`
    for (const value of [changed, sealed.slice(0, -4), '', 'x.y', '{}']) {
      expect(createVault(secret, 'helpdesk').open(value)).toBeUndefined()
    }
  })

  test('fingerprints differ by token, by secret and by bot', () => {
    const vault = createVault(secret, 'helpdesk')
    const otherVaults = [createVault(Buffer.from('x'), 'helpdesk'), createVault(secret, 'shop')]
    const prints = [vault, ...otherVaults].map((one) => one.fingerprint('a'))
    expect(new Set([...prints, vault.fingerprint('b')]).size).toBe(4)
  })
})
