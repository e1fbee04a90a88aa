import { checkAnswered, parseWrk } from './load'

test('what the script of wrk prints', () => {
  const said = JSON.parse(
    '{"requests":1000,"status":3,"broken":2,"micros":2000000,"p50":1500,"p99":20000,"sent":1065,"repeated":0}',
  ) as unknown
  expect(parseWrk(said)).toEqual({
    answered: 997,
    sent: 1064,
    failed: 5,
    seconds: 2,
    p50Ms: 1.5,
    p99Ms: 20,
    repeated: false,
  })
})

test('a measurement with a request that had no 200 does not count', () => {
  expect(checkAnswered({ answered: 3, failed: 0 })).toEqual({ answered: 3, failed: 0 })
  expect(() => checkAnswered({ answered: 3, failed: 1 })).toThrow('1 requests were not answered')
  expect(() => checkAnswered({ answered: 0, failed: 0 })).toThrow('No request was answered')
})
