import { fileNameOf, readScenario } from './scenario-file'

it('reads what it wrote', () => {
  const scenario = { version: 1, name: 'a', steps: [{ afterMs: 10, do: 'clear-faults' }] }
  expect(readScenario(JSON.stringify(scenario))).toEqual(scenario)
})

it.each([
  ['{', 'not JSON'],
  ['[]', 'no scenario'],
  ['null', 'no scenario'],
  ['{"version":2,"name":"a","steps":[]}', 'no scenario'],
  ['{"version":1,"name":"a","steps":[{"do":"act"}]}', 'no scenario'],
])('refuses %s', (text, why) => {
  expect(() => readScenario(text)).toThrow(why)
})

it('names files so that every system takes them', () => {
  expect(fileNameOf('Three messages: 429!')).toBe('three-messages-429.json')
  expect(fileNameOf('注文 テスト')).toBe('注文-テスト.json')
  expect(fileNameOf('../..')).toBe('scenario.json')
})
