// jose is an ES module; jest in CommonJS mode on Node 20 needs it compiled (docs/decisions/0002-commonjs.md).
const swc = ({ tsx }) => [
  '@swc/jest',
  {
    jsc: {
      target: 'es2023',
      parser: { syntax: 'typescript', tsx },
      transform: { react: { runtime: 'automatic', importSource: 'preact' } },
    },
    module: { type: 'commonjs' },
    sourceMaps: 'inline',
  },
]

module.exports = {
  testEnvironment: 'node',
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.hookline/'],
  testMatch: ['**/*.test.ts'],
  // They take minutes: npm run test:docker, npm run test:redis. Those in alone/ and browser/ follow with the machine for themselves.
  testPathIgnorePatterns: [
    '/node_modules/',
    '<rootDir>/template/',
    '<rootDir>/tests/docker/',
    '<rootDir>/tests/redis/',
    '<rootDir>/tests/alone/',
    '<rootDir>/tests/browser/',
  ],
  transform: { '^.+\\.tsx$': swc({ tsx: true }), '^.+\\.[tj]s$': swc({ tsx: false }) },
  transformIgnorePatterns: ['/node_modules/(?!jose/)'],
  moduleNameMapper: {
    '^#libs/(.*)$': '<rootDir>/libs/$1/index.ts',
    '^hookline$': '<rootDir>/libs/bot/index.ts',
    '^hookline/testing$': '<rootDir>/libs/bot/testing.ts',
    '^hookline/testing/jest$': '<rootDir>/libs/bot/testing-jest.ts',
  },
  globalSetup: '<rootDir>/tests/support/start-redis.ts',
  globalTeardown: '<rootDir>/tests/support/stop-redis.ts',
  // A test that starts ten processes takes half a minute on cores that others use too.
  testTimeout: 120_000,
  // Most of the time goes by in waiting for other processes.
  maxWorkers: 2,
}
