import { generateKeyPairSync, randomBytes } from 'node:crypto'
import type { Accounts, LineAccount, LineworksAccount, TocaroAccount } from './accounts'

/** For whom the accounts are made. */
export interface DevAccountsOptions {
  /** Where the ingress listens, without a path. */
  ingressUrl: string
}

/**
 * One account per platform with random credentials, and the environment of an ingress and a worker that
 * fits them (without base URLs, see `baseUrlEnv`). Makes an RSA key: takes some hundred milliseconds.
 */
export function createDevAccounts({ ingressUrl }: DevAccountsOptions): {
  accounts: Required<Accounts>
  env: Record<string, string>
} {
  const webhookUrl = (bot: string) => `${ingressUrl.replace(/\/+$/, '')}/webhooks/${bot}`
  const line = lineAccount(webhookUrl('line'))
  const { lineworks, privateKey } = lineworksAccount(webhookUrl('lineworks'))
  const tocaro = tocaroAccount(webhookUrl('tocaro'))
  const env = {
    LINE_CHANNEL_ID: line.channelId,
    LINE_CHANNEL_SECRET: line.channelSecret,
    LINEWORKS_BOT_ID: lineworks.botId,
    LINEWORKS_BOT_SECRET: lineworks.botSecret,
    LINEWORKS_CLIENT_ID: lineworks.clientId,
    LINEWORKS_CLIENT_SECRET: lineworks.clientSecret,
    LINEWORKS_SERVICE_ACCOUNT: lineworks.serviceAccount,
    LINEWORKS_PRIVATE_KEY: privateKey,
    TOCARO_SIGNING_SECRET: tocaro.signingSecret,
    TOCARO_ACCESS_TOKEN: tocaro.accessToken,
    TOCARO_BOT_USER: tocaro.botUser,
  }
  return { accounts: { line, lineworks, tocaro }, env }
}

function lineAccount(webhookUrl: string): LineAccount {
  return {
    channelId: '2000000001',
    channelSecret: secret(16),
    botUserId: `U${secret(16)}`,
    webhookUrl,
  }
}

function lineworksAccount(webhookUrl: string): { lineworks: LineworksAccount; privateKey: string } {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const lineworks = {
    botId: '2000001',
    botSecret: secret(15),
    clientId: secret(10),
    clientSecret: secret(5),
    serviceAccount: 'dev01.serviceaccount@emulator.example',
    publicKey,
    domainId: 50010001,
    webhookUrl,
  }
  return { lineworks, privateKey }
}

function tocaroAccount(webhookUrl: string): TocaroAccount & { accessToken: string } {
  return {
    signingSecret: secret(20),
    accessToken: secret(24),
    hookKey: secret(16),
    botUser: 'usemulatorbot',
    webhookUrl,
  }
}

function secret(bytes: number): string {
  return randomBytes(bytes).toString('hex')
}
