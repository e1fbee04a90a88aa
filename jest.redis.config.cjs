const base = require('./jest.config.cjs')

// `npm run test:redis`: TLS, Sentinel sets and clusters of real processes, one suite after the other.
module.exports = {
  ...base,
  testMatch: ['<rootDir>/tests/redis/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  maxWorkers: 1,
  testTimeout: 300_000,
  // A set that did not come up leaves connections behind that are tried for ever.
  forceExit: true,
}
