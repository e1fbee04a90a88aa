// Handlers that block their process, and workers that are started again and again: beside other suites, on two cores,
// that takes longer than anybody wants to wait for. Part of `npm test`, after all others.
module.exports = {
  ...require('./jest.config.cjs'),
  testMatch: ['<rootDir>/tests/alone/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
}
