import { token, wholeNumber, words } from './kinds'
import type { Setting } from './setting'

const port = wholeNumber({ min: 1, max: 65_535 })

/** Settings of docker-compose.yml itself; no process reads them. */
export const composeSettings = {
  profiles: {
    env: 'COMPOSE_PROFILES',
    schema: words,
    inExample: 'dev',
    doc: {
      en: 'Parts of docker-compose.yml that also run, separated by commas: dev is the emulator, observability is Prometheus and Grafana. In production remove dev together with EMULATOR_URL.',
      ja: 'docker-compose.yml のうち追加で動かす部分(カンマ区切り)。dev はエミュレーター、observability は Prometheus と Grafana です。本番では dev を EMULATOR_URL と一緒に削除してください。',
    },
    example: 'observability',
  },
  redisPassword: {
    env: 'REDIS_PASSWORD',
    schema: token,
    secret: true,
    inExample: 'example-password-change-me',
    doc: {
      en: 'Password of the Redis that docker compose runs. It becomes part of a URL: use letters, digits, "-" and "_". Change it before you go live, e.g. to the output of `openssl rand -hex 32`.',
      ja: 'docker compose が起動する Redis のパスワード。URL の一部になるため、英数字と「-」「_」だけを使います。本番の前に、`openssl rand -hex 32` の出力などに変更してください。',
    },
  },
  ingressAddress: {
    env: 'INGRESS_ADDRESS',
    schema: token,
    default: '127.0.0.1',
    doc: {
      en: 'Address of this machine on which docker compose publishes the ingress, at INGRESS_PORT. Keep the default when the TLS proxy runs on this machine; 0.0.0.0 opens the port to the network, without TLS.',
      ja: 'docker compose が ingress を公開するこのマシンのアドレス(ポートは INGRESS_PORT)。TLS のプロキシーが同じマシンにあれば既定値のままにします。0.0.0.0 にすると、TLS なしでネットワークに公開されます。',
    },
    example: '127.0.0.1',
  },
  consoleAddress: {
    env: 'CONSOLE_ADDRESS',
    schema: token,
    default: '127.0.0.1',
    doc: {
      en: 'Address of this machine on which docker compose publishes the console, at CONSOLE_PORT. Keep the default and come by an SSH tunnel or a proxy with TLS (docs/console.md): at 0.0.0.0 passwords would travel in the clear.',
      ja: 'docker compose がコンソールを公開するこのマシンのアドレス(ポートは CONSOLE_PORT)。既定値のまま、SSH トンネルか TLS のプロキシーを経由して接続してください(docs/console.ja.md を参照)。0.0.0.0 にすると、パスワードが暗号化されずに流れます。',
    },
    example: '127.0.0.1',
  },
  prometheusPort: {
    env: 'PROMETHEUS_PORT',
    schema: port,
    default: '9090',
    doc: {
      en: 'Port of this machine, on 127.0.0.1, for Prometheus (profile observability).',
      ja: 'Prometheus 用のこのマシンのポート番号(127.0.0.1、プロファイル observability)。',
    },
    example: '9090',
  },
  grafanaPort: {
    env: 'GRAFANA_PORT',
    schema: port,
    default: '3004',
    doc: {
      en: 'Port of this machine, on 127.0.0.1, for Grafana (profile observability).',
      ja: 'Grafana 用のこのマシンのポート番号(127.0.0.1、プロファイル observability)。',
    },
    example: '3004',
  },
  grafanaPassword: {
    env: 'GRAFANA_PASSWORD',
    schema: token,
    secret: true,
    doc: {
      en: 'Password of the Grafana user admin, taken when Grafana starts for the first time. When it is not set it is admin, and Grafana asks for a new one.',
      ja: 'Grafana のユーザー admin のパスワード。Grafana の初回起動時に使われます。未設定なら admin で、ログイン時に変更を求められます。',
    },
  },
} as const satisfies Record<string, Setting>
