import { HooklineError } from '#libs/contract'
import { parseRedisUrl, redisUrlProblem, showRedisUrl } from './redis-url'

const at = (host: string, port: number) => ({ host, port })

test.each([
  ['redis://h', { kind: 'server', tls: false, hosts: [at('h', 6379)], db: 0 }],
  [
    'rediss://user:p%40ss@h:6380/2',
    { kind: 'server', tls: true, hosts: [at('h', 6380)], db: 2, username: 'user', password: 'p@ss' },
  ],
  [
    'redis+sentinel://s1,s2:26380/main',
    { kind: 'sentinel', tls: false, hosts: [at('s1', 26379), at('s2', 26380)], primary: 'main', db: 0 },
  ],
  [
    'rediss+sentinel://u:a%2Fb@[::1]:26379/main%20one/3?sentinelUsername=su&sentinelPassword=s%26p',
    {
      ...{ kind: 'sentinel', tls: true, hosts: [at('::1', 26379)], primary: 'main one', db: 3 },
      ...{ username: 'u', password: 'a/b', sentinelUsername: 'su', sentinelPassword: 's&p' },
    },
  ],
  ['redis-sentinel://s1/main', { kind: 'sentinel', tls: false, primary: 'main' }],
  [
    'redis+cluster://:secret@a:7000,b:7001',
    { kind: 'cluster', tls: false, hosts: [at('a', 7000), at('b', 7001)], password: 'secret' },
  ],
  ['rediss-cluster://a:7000/', { kind: 'cluster', tls: true }],
])('reads %s', (url, place) => {
  expect(redisUrlProblem(url)).toBeUndefined()
  expect(parseRedisUrl(url)).toMatchObject(place)
})

test.each([
  ['redis+sentinel://:qwertz@s1:26379', 'lacks the name'],
  ['redis+sentinel://:qwertz@s1/main/1/2', 'has more in its path'],
  ['redis+sentinel://:qwertz@s1/main/one', 'has a path that is not a database number'],
  ['redis+sentinel://s1/main?password=qwertz', 'has an option that is neither'],
  ['redis+sentinel://:qwe?rtz@s1/main', 'has a path that is not a database number|lacks the name'],
  ['redis+cluster://:qwertz@a,b/1', 'names a database'],
  ['redis+cluster://a?qwertz=1', 'has options'],
  ['redis+cluster://:qwertz@a:70000', 'names a host or a port that can not be'],
  ['redis+cluster://a,,b', 'names no host'],
  ['redis+cluster://:100%qwertz@a', 'has a "%" in it'],
  ['redis://:qwertz@a,b', 'names several servers'],
  ['redis+cloud://:qwertz@a', 'must have one of the forms'],
])('tells what is wrong with %s, and nothing of what is in it', (url, words) => {
  expect(redisUrlProblem(url)).toMatch(new RegExp(words))
  expect(redisUrlProblem(url)).not.toMatch(/qwe/)
  expect(() => parseRedisUrl(url)).toThrow(HooklineError)
})

test.each([
  ['rediss://user:secret@h:6380/2?password=secret', 'rediss://h:6380/2'],
  [
    'rediss+sentinel://user:secret@s1,[::1]:26380/main?sentinelPassword=secret',
    'rediss+sentinel://s1:26379,[::1]:26380/main/0',
  ],
  ['redis-cluster://:secret@a:7000,b', 'redis+cluster://a:7000,b:6379'],
])('shows %s without what grants access', (url, shown) => {
  expect(showRedisUrl(url)).toBe(shown)
})
