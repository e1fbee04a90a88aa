import { findOwnMention } from './own-mention'

test.each([
  ['@Deploy Bot: status', 'Deploy Bot', { self: true, index: 0, length: 11 }],
  ['おはよう @受付さん、注文です', '受付', { self: true, index: 5, length: 3 }],
  ['@Botさん', 'Bot', { self: true, index: 0, length: 4 }],
  ['@Botan and @Bot', 'Bot', { self: true, index: 11, length: 4 }],
  ['@Botan', 'Bot', undefined],
  ['mail@example.com', 'Bot', undefined],
  ['@Bot', undefined, undefined],
  ['@', '', undefined],
])('finds in %j the mention of %j', (text, name, mention) => {
  expect(findOwnMention(text, name)).toEqual(mention)
})
