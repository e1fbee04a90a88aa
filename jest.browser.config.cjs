// The pages in headless Chromium, from dist: skipped where there is none, except in CI. Part of `npm test`.
module.exports = {
  ...require('./jest.config.cjs'),
  testMatch: ['<rootDir>/tests/browser/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 120_000,
  // A browser takes more than one core already.
  maxWorkers: 1,
}
