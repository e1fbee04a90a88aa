import { findVariable, platformsInEnvironment } from './find-variable'
import { platformNames, settingsOf } from './platforms'
import type { Problem } from './problem'
import { processSettings } from './process-settings'
import { readSetting } from './read-setting'
import type { Surroundings } from './surroundings'

/** Published on purpose: with the secrets below it opens nothing but an emulator. */
const exampleKey = `-----BEGIN PRIVATE KEY-----
MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQDoY/ofN6U+hWRe
CDpOk3QBkHbBUPrfOm6HHRU51ocnufiDqmz6ncSf905tzgbpmzegtXrWfhkxHBI/
2cxSxpQrh7FyJ8uOFpyrxqCdYWg0+kvZPtq1IggrtR8SGoidD4wGMh2ghdZD0pP/
SfaLS+EmSdWl7j1scsA+gR3ZXG8A/655bcsfzov6CobnY5fEkhCXIsLW4rykUibm
vQ4ObrBdNS4XcT90tAE0L216yqhig5m5AMEFHq2F5n/kMSr5wznUBV2SKEEG8LLj
xhF86m6WeQWOHl3HjtVA90uW/JQFvdb6OJxxADS8b5qNRodDmGPs4MEOXurovsQl
3IzQbyX/AgMBAAECggEAJ682/dC7U7dkwdgG2Pc+NqwsU2vYQ3mPeVxCjStwzhxo
b1eRn6SEeMq7Jm4p6QecEsIa9Xj4JVZFWYkAZtxJXjugVj2seZmr7HuRXv7M1Esv
26vrnkXu/kPCSA2m6adHgqFZRNnGErPpmQ1Q4E23Z5nxNZI/A/9+i83xwnYR8Knl
jmMc0F9XqHYidfxwWXIo8uesq+0oSJzI+JZCH6rTb2p+SIjyGA3H1NWbDvhdpsDT
1EqQcRNBVtsk5cS0udmyg3xz0YbXjf0f1IcLYfVVA0pLy4NXHob7lH0X1UBtsoZf
fDkRniAaXjhLatejNpyuw//HH6N5adT5FrdSNXW/FQKBgQD81TSXCppFeG6gVqVU
0ssz7V5DmLdcd2M3ddVJ7CI1wqwaUsIMkQMxHEj46C+DWsLVtVOqYs3UAirtjb2o
g1So1Mz7aamDiRmXLFuJ3HuS2wr+kT8NbbVVPdP2XlSHV+bSPpAGnBS9+BhmZ39U
YWVh6Y81NBeVQu5mpxcqkoaYfQKBgQDrTTdnOBh+Xsx590fMV8BJt0K9WzN62jqg
CP4fBB3zKH8KzQRSw9osLvh4syWRIekUgcwRDKqTrRoDwGFzSLr7Vhkv5FY6Q7Bu
fu4voN/KWEAU9+2nNV+2t6AVRIuSankPrSHKG2EwDfJzJvpPgVzHjZIv1JeTvrcl
3C5eNaD9KwKBgBz1BkruSfD+9BylD9aBNgjCfPNdAFM00UY+1qjaxKhHnZJ+O/9Y
dHcheDIZ1adDs+DqHaT8H/rSLLx8aWZtdDrJ9Jgu591KzIWF7Q4DFJwjPkUduYz+
LbCPnkEvWJsPtD4MME6xfaasTY8c93ZgmU33hBFh3/mWatuS85JKqeO5AoGBANkZ
Nlv66sZ1yu1hVRJZiGW7O02gfwADp4GOqoCNeOCn5Yden3WJlJudfs1GZQviIL41
/8VfTWbRmKYLcx495Z8N0lFYuKIrX/ajEDpLkQ+Nmxp9ofzbhwL7qyzUQH6H1Ei9
ceaamnIO/Dp4pQyEC8lmepG88Vl05mB9JR7xFidfAoGBALcZYreNIo5vpm0s1P6R
zos3chJhtSVX0vDyDExcgX884jMu2zOVClanIUToeIwPWcDfc1NZQAL73DTp1bVv
4O77kfqBobcyic2OxLpy2Vw94OPn1gl2NCiGPE0XZSEW4W+lYJcPf+ybP6KPDAOS
e5dz76i855GKDSAg6AMOea9x
-----END PRIVATE KEY-----`

/**
 * Accounts that only an emulator knows, for a first run without accounts. Everybody can read these secrets, so a
 * bot of one's own anywhere in the configuration puts an end to all of them.
 */
export const exampleAccounts = {
  LINE_CHANNEL_ID: '2000000001',
  LINE_CHANNEL_SECRET: 'example-secret-that-everybody-knows',
  LINEWORKS_BOT_ID: '2000001',
  LINEWORKS_BOT_SECRET: 'example-secret-that-everybody-knows',
  LINEWORKS_CLIENT_ID: 'example-client',
  LINEWORKS_CLIENT_SECRET: 'example-secret-that-everybody-knows',
  LINEWORKS_SERVICE_ACCOUNT: 'example.serviceaccount@emulator.example',
  LINEWORKS_PRIVATE_KEY: exampleKey,
  TOCARO_SIGNING_SECRET: 'example-secret-that-everybody-knows',
  TOCARO_ACCESS_TOKEN: 'example-token-that-everybody-knows',
  TOCARO_BOT_USER: 'usemulatorbot',
  // Only people talk here, and a script that types for one is fast.
  TOCARO_MUTE_AFTER: '0',
}

/** Environment variables that send a bot's API calls to an emulator. */
export function baseUrlEnv(emulatorUrl: string): Record<string, string> {
  const url = emulatorUrl.replace(/\/+$/, '')
  return {
    LINE_API_BASE_URL: url,
    LINE_DATA_API_BASE_URL: url,
    LINEWORKS_API_BASE_URL: `${url}/v1.0`,
    LINEWORKS_AUTH_BASE_URL: `${url}/oauth2/v2.0`,
    TOCARO_API_BASE_URL: url,
  }
}

/** The environment to go by, and what is to be said about it. */
export interface ExampleUse {
  env: Surroundings['env']
  inUse: boolean
  problems: Problem[]
  warnings: string[]
}

const row = processSettings.emulatorUrl

/** Adds the example accounts where EMULATOR_URL asks for them and nothing else is configured. */
export function withExampleAccounts(around: Surroundings, hasFile: boolean): ExampleUse {
  const { env, cwd } = around
  const { value, problems } = readSetting(row, findVariable(row, around), { required: false, cwd })
  if (typeof value !== 'string') return { env, inUse: false, problems, warnings: [] }
  if (hasFile || platformsInEnvironment(env).length > 0) {
    const warning = `${row.env} is set but not used, because you have bots of your own. Remove it.`
    return { env, inUse: false, problems, warnings: [warning] }
  }
  const baseUrls = baseUrlEnv(value)
  return {
    env: { ...env, ...exampleAccounts, ...baseUrls },
    inUse: true,
    problems: [...realPlatform(value), ...otherBaseUrls(env, baseUrls)],
    warnings: [
      `EXAMPLE ACCOUNTS are in use (${row.env}): everybody knows their secrets, so whoever reaches this ingress can make events up, and all messages go to the emulator. Not for production: configure bots of your own.`,
    ],
  }
}

/** The published accounts never go to a platform, and nobody thinks that they did. */
function realPlatform(url: string): Problem[] {
  const hosts = platformNames.flatMap((platform) =>
    settingsOf(platform).flatMap(([, { everyBot, default: base }]) =>
      everyBot && base?.startsWith('https:') ? [new URL(base).host] : [],
    ),
  )
  if (!hosts.includes(new URL(url).host)) return []
  const fix = 'Give the address of a Hookline emulator, or remove it and configure bots of your own'
  return [{ place: row.env, what: 'is the address of a real platform', fix }]
}

function otherBaseUrls(env: Surroundings['env'], baseUrls: Record<string, string>): Problem[] {
  return Object.entries(baseUrls)
    .filter(([name, url]) => (env[name] ?? url) !== url && env[name] !== '')
    .map(([name]) => ({
      place: name,
      what: `is set beside ${row.env}, whose example accounts only the emulator knows`,
      fix: `Remove ${name}, or ${row.env}`,
    }))
}
