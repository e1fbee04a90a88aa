import crypto from 'node:crypto'
import { checkPassword, hashPassword } from '#libs/access'

test('a hash tells its password from others, and is another one each time', async () => {
  const [one, two] = [await hashPassword('ひらけ gomá'), await hashPassword('ひらけ gomá')]
  expect(one).toMatch(/^scrypt:32768:8:3:[\w-]{22}:[\w-]{43}$/)
  expect(two).not.toBe(one)
  expect(await checkPassword('ひらけ gomá'.normalize('NFD'), one)).toBe(true)
  expect(await checkPassword('ひらけ goma', one)).toBe(false)
})

test.each(['', 'scrypt', 'scrypt:32768:8:3:AAAA:', 'md5:32768:8:3:AAAA:AAAA'])(
  '%j is a hash of nothing',
  async (hash) => {
    expect(await checkPassword('', hash)).toBe(false)
  },
)

test('however many try at once, two are worked on', async () => {
  const { scrypt } = crypto
  const count = { running: 0, most: 0 }
  const counted = ((...args: Parameters<typeof scrypt>) => {
    const done = args.pop() as unknown as (error: Error | null, key: Buffer) => void
    count.most = Math.max(count.most, ++count.running)
    const [password, salt, length, options] = args
    scrypt(password, salt, length, options, (error, key) => {
      count.running -= 1
      done(error, key)
    })
  }) as typeof scrypt
  const spy = jest.spyOn(crypto, 'scrypt').mockImplementation(counted)
  const hash = `scrypt:1024:8:1:AAAA:${'A'.repeat(43)}`
  const found = await Promise.all(Array.from({ length: 20 }, () => checkPassword('x', hash)))
  expect(found).toEqual(Array.from({ length: 20 }, () => false))
  expect(spy).toHaveBeenCalledTimes(20)
  expect(count).toEqual({ running: 0, most: 2 })
  spy.mockRestore()
})
