import { readFileSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'

type Labels = Record<string, string>

interface Selector {
  matchLabels?: Labels
}

export interface Probe {
  httpGet?: { path: string; port: string }
  tcpSocket?: { port: string }
}

export interface Container {
  name: string
  image: string
  command: string[]
  env?: { name: string; value: string }[]
  ports: { name: string; containerPort: number }[]
  startupProbe: Probe
  readinessProbe: Probe
  livenessProbe: Probe
  lifecycle?: { preStop: { exec: { command: string[] } } }
  resources: { requests?: Labels; limits?: Labels }
  securityContext?: object
  volumeMounts: { name: string; mountPath: string; subPath?: string; readOnly?: boolean }[]
}

export interface Volume {
  name: string
  configMap?: { name: string }
  secret?: { secretName: string; items?: { key: string; path: string }[] }
  emptyDir?: object
}

export interface PodSpec {
  serviceAccountName: string
  automountServiceAccountToken: boolean
  enableServiceLinks: boolean
  terminationGracePeriodSeconds: number
  securityContext: object
  containers: Container[]
  volumes: Volume[]
}

export interface PolicyRule {
  from?: object[]
  to?: { ipBlock?: { cidr: string; except?: string[] } }[]
  ports?: { port: number }[]
}

/** What the tests look at; whether a manifest really has this shape is for its schema to say. */
export interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string; labels?: Labels }
  stringData?: Labels
  spec: {
    replicas?: number
    /** Of a Service plain labels. */
    selector?: Selector & Labels
    template?: { metadata: { labels: Labels }; spec: PodSpec }
    volumeClaimTemplates?: { metadata: { name: string }; spec: { resources: { requests: Labels } } }[]
    serviceName?: string
    ports?: { port: number; targetPort: string }[]
    podSelector?: Selector
    policyTypes?: string[]
    ingress?: PolicyRule[]
    egress?: PolicyRule[]
    scaleTargetRef?: { kind?: string; name: string }
    minReplicas?: number
    minReplicaCount?: number
    podMetricsEndpoints?: { port: string; relabelings?: object[] }[]
    [field: string]: unknown
  }
}

export const folder = join(__dirname, '../../deploy/kubernetes')

/** Paths of all files below a folder, relative to deploy/kubernetes. */
export function filesBelow(path: string): string[] {
  const names = readdirSync(path).map((name) => join(path, name))
  return names.flatMap((file) => (statSync(file).isDirectory() ? filesBelow(file) : [relative(folder, file)]))
}

/** The manifests of a text; numbers as Kubernetes reads them, so that 0440 is octal. */
export function parseManifests(text: string): Manifest[] {
  const documents = parseAllDocuments(text, { version: '1.1' })
  return documents.map((document) => {
    if (document.errors[0]) throw document.errors[0]
    return document.toJS() as Manifest
  })
}

export interface Kustomization {
  path: string
  files: string[]
}

/** The kustomizations with the files that each of them names; what is commented out counts too. */
export function readKustomizations(): Kustomization[] {
  const paths = filesBelow(folder).filter((path) => path.endsWith('kustomization.yaml'))
  return paths.map((path) => {
    const text = readFileSync(join(folder, path), 'utf8')
    const content = parse(text) as {
      resources?: string[]
      components?: string[]
      configMapGenerator?: { files?: string[] }[]
    }
    const generated = (content.configMapGenerator ?? []).flatMap(({ files = [] }) => files)
    const optional = [...text.matchAll(/^ *# - (\.\.\/\S+)$/gm)].map(([, name = '']) => name)
    const named = [...(content.resources ?? []), ...(content.components ?? []), ...generated, ...optional]
    return { path, files: named.map((name) => join(dirname(path), name)) }
  })
}

/** The manifests of the kustomizations' files, as they are written. */
export function readManifests(): Manifest[] {
  const files = readKustomizations().flatMap((kustomization) => kustomization.files)
  return files
    .filter((file) => file.endsWith('.yaml') && !file.endsWith('hookline.config.yaml'))
    .flatMap((file) => parseManifests(readFileSync(join(folder, file), 'utf8')))
}

const all = readManifests()

export const ofKind = (kind: string) => all.filter((manifest) => manifest.kind === kind)
export const named = (kind: string, name: string) =>
  ofKind(kind).find(({ metadata }) => metadata.name === name)!
/** What has pods. */
export const workloads = all.filter((manifest) => 'spec' in manifest && manifest.spec.template)
export const podOf = (workload: Manifest) => workload.spec.template!.spec
export const labelsOf = (workload: Manifest) => workload.spec.template!.metadata.labels
export const containerOf = (workload: Manifest) => podOf(workload).containers[0]!
export const ingress = named('StatefulSet', 'hookline-ingress')
export const worker = named('Deployment', 'hookline-worker')
export const consoleProcess = named('Deployment', 'hookline-console')
export const processes = [
  { role: 'ingress' as const, workload: ingress },
  { role: 'worker' as const, workload: worker },
]

export const secretNamed = (name: string) => named('Secret', name).stringData ?? {}
/** The keys of a Secret that a volume brings. */
export const keysOf = ({ secretName, items }: { secretName: string; items?: { key: string }[] }) =>
  items?.map(({ key }) => key) ?? Object.keys(secretNamed(secretName))

/** Settings with the processes that use them, from docs/settings.md, which is generated from the tables. */
export function readSettings(): Map<string, string> {
  const page = readFileSync(join(folder, '../../docs/settings.md'), 'utf8')
  const rows = page.matchAll(/^\| `([A-Z_]+)` \|(?:[^|\n]*\|){1,2} ([a-z, ]+) \|/gm)
  return new Map([...rows].map(([, name = '', users = '']) => [name, users]))
}
