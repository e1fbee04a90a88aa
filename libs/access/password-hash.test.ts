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
