import type { Http } from '#libs/http'
import { traceHttp } from './trace-http'

test('is the client itself where traces are off', () => {
  const http: Http = () => Promise.reject(new Error('not called'))
  expect(traceHttp(http)).toBe(http)
})
