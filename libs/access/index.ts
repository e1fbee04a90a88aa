export { checkPassword, hashPassword } from './password-hash'
export {
  consoleKey,
  generated as generatedPassword,
  replaceStoredPassword,
  stored,
  storeFirstPassword,
} from './stored-password'
export type { Stored } from './stored-password'
