import type { PlatformName } from '#libs/contract'
import { composeSettings } from './compose-settings'
import { platformNames, platforms, settingsOf } from './platforms'
import { processSettings } from './process-settings'
import type { BotSetting, ProcessSetting, Setting } from './setting'
import { exampleConfigFile, settingsDocText, type Language } from './settings-doc-text'

/** The settings page of the documentation in one language. */
export function renderSettingsDoc(language: Language): string {
  const t = settingsDocText[language]
  const parts = [
    `<!-- ${t.generated} -->`,
    `# ${t.title}`,
    t.intro,
    `## ${t.rulesTitle}`,
    t.rules.map((rule) => `- ${rule}`).join('\n'),
    `## ${t.processesTitle}`,
    t.processesNote,
    processTable(language),
    `## ${t.composeTitle}`,
    t.composeNote,
    composeTable(language),
    ...platformNames.flatMap((platform) => platformSection(platform, language)),
    `## ${t.fileTitle}`,
    t.fileText,
    `\`\`\`yaml\n${exampleConfigFile}\`\`\``,
  ]
  return `${parts.join('\n\n')}\n`
}

function processTable(language: Language): string {
  const { columns, allOf } = settingsDocText[language]
  const rows: ProcessSetting[] = Object.values(processSettings)
  return table(
    [columns.env, columns.default, columns.usedBy, columns.doc],
    rows.map((row) => {
      const roles = row.roles.filter((role) => role !== 'operator')
      const usedBy = roles.length % 4 === 0 ? allOf : list(roles, language)
      return [code(row.env), defaultOf(row, language), usedBy, meaning(row, language)]
    }),
  )
}

function composeTable(language: Language): string {
  const { columns } = settingsDocText[language]
  const rows: Setting[] = Object.values(composeSettings)
  return table(
    [columns.env, columns.default, columns.doc],
    rows.map((row) => [code(row.env), defaultOf(row, language), meaning(row, language)]),
  )
}

function platformSection(platform: PlatformName, language: Language): string[] {
  const t = settingsDocText[language]
  const { title, credentials } = platforms[platform]
  const settings = settingsOf(platform)
  const identifying = settings.flatMap(([, row]) => (row.default === undefined ? [code(row.env)] : []))
  const envOf = new Map(settings.map(([key, { env }]) => [key, env]))
  const ways = credentials.map((way) => `- ${way.map((key) => code(envOf.get(key) ?? key)).join(' + ')}`)
  return [
    `## ${title}`,
    t.botNote(list(identifying, language)),
    botTable(settings, language),
    ...(ways.length > 0 ? [`${t.ways}\n\n${ways.join('\n')}`] : []),
  ]
}

function botTable(settings: [string, BotSetting][], language: Language): string {
  const { columns, both } = settingsDocText[language]
  return table(
    [columns.env, columns.key, columns.default, columns.usedBy, columns.doc],
    settings.map(([key, setting]) => [
      code(setting.env),
      code(key),
      defaultOf(setting, language),
      setting.usedBy === 'both' ? both : setting.usedBy,
      meaning(setting, language),
    ]),
  )
}

function defaultOf(setting: Setting, language: Language): string {
  return setting.default ? code(setting.default) : settingsDocText[language].noDefault
}

function meaning({ secret, doc }: Setting, language: Language): string {
  const { secret: mark } = settingsDocText[language]
  return secret ? mark + doc[language] : doc[language]
}

function list(words: readonly string[], language: Language): string {
  return words.join(language === 'en' ? ', ' : '、')
}

function code(text: string): string {
  return `\`${text}\``
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
