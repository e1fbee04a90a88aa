// npm run test:docker: needs a Docker engine, builds the image and takes minutes; so it is no part of npm test.
module.exports = {
  ...require('./jest.config.cjs'),
  testMatch: ['<rootDir>/tests/docker/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  // No Redis of this machine: the one of the compose file.
  globalSetup: undefined,
  globalTeardown: undefined,
  testTimeout: 300_000,
  maxWorkers: 1,
}
