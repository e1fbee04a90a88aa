import { fillIn, referencedVariables } from './fill-in'

function setup() {
  const files: Record<string, string> = { '/etc/secret': 'from file\n', '/run/s': 'absolute' }
  const readFile = (path: string) => {
    const text = files[path]
    if (text === undefined) throw new Error('no such file')
    return text
  }
  return { env: { A: 'one', EMPTY: '', LOOP: '${A}' }, cwd: '/etc', readFile }
}

describe('fillIn', () => {
  test.each([
    ['plain', 'plain'],
    ['${A}', 'one'],
    ['<${A}|${A}>', '<one|one>'],
    ['${EMPTY}', ''],
    ['${LOOP}', '${A}'],
    ['$${A}', '${A}'],
    ['$$${A}', '$${A}'],
    ['$A {A} $', '$A {A} $'],
    ['${file:secret}', 'from file'],
    ['${file:/run/s}', 'absolute'],
    [
      ['${A}', '${EMPTY}', 'x'],
      ['one', '', 'x'],
    ],
    [{ gr1: '${A}' }, { gr1: 'one' }],
    [{ __proto__: null, deep: { a: '${A}' } }, { deep: { a: '${A}' } }],
  ])('turns %j into %j', (given, filled) => {
    expect(fillIn(given, setup())).toEqual({ value: filled, failures: [] })
  })

  test('says for each place what it needs', () => {
    const { failures } = fillIn(['${NONE} ${file:/no}', { a: 'x' }, '${lower_case_word}'], setup())
    expect(failures.map(({ path, what }) => `${path} ${what}`)).toEqual([
      '[0] needs the variable NONE, which is not set',
      "[0] needs the file /no, which can't be read (unreadable)",
      '[2] needs a variable (name not shown: it is not in capitals), which is not set',
    ])
  })
})

test('referencedVariables finds the names of a whole file', () => {
  expect([...referencedVariables('a: ${A}\nb: [${B_1}, ${file:/x}, ${a-b}] # ${C}')]).toEqual([
    'A',
    'B_1',
    'C',
  ])
})
