import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { renderEnvExample } from './render-env-example'
import { renderSettingsDoc } from './render-settings-doc'

/** The files that are made from the settings tables, by their path in the repository. */
export function settingsFiles(): Record<string, string> {
  return {
    '.env.example': renderEnvExample(),
    'docs/settings.md': renderSettingsDoc('en'),
    'docs/settings.ja.md': renderSettingsDoc('ja'),
  }
}

// `npm run docs`, from the root of the repository.
if (require.main === module) {
  for (const [path, text] of Object.entries(settingsFiles())) writeFileSync(join(process.cwd(), path), text)
}
