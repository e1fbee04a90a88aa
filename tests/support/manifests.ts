import { readFileSync, readdirSync, statSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1'
import { Deployment, StatefulSet } from 'kubernetes-models/apps/v1'
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2'
import { Ingress, NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1'
import { ConfigMap, Namespace, Secret, Service, ServiceAccount } from 'kubernetes-models/v1'
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
    podMetricsEndpoints?: { port: string }[]
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

interface Model {
  apiVersion: string
  kind: string
  prototype: { validate(): void }
}

const models: Model[] = [
  ...[ConfigMap, Deployment, HorizontalPodAutoscaler, Ingress, Namespace, NetworkPolicy, PodDisruptionBudget],
  ...[ScaledObject, Secret, Service, ServiceAccount, StatefulSet],
]

/**
 * What the published schema has against a manifest. The schemas of Kubernetes allow fields that they do not know,
 * as a cluster does, which drops them: a misspelled `livenessProb` would pass. So the validator is watched: a
 * field that it never looked at is not in the schema.
 */
export function problemsIn(manifest: Manifest): string[] {
  const model = models.find(
    ({ kind, apiVersion }) => kind === manifest.kind && apiVersion === manifest.apiVersion,
  )
  if (!model) return [`there is no schema of ${manifest.apiVersion} ${manifest.kind}`]
  const watched = watch(manifest)
  try {
    model.prototype.validate.call(watched.value)
  } catch (error) {
    return [String(error)]
  }
  return watched.unread('')
}

interface Watched {
  value: unknown
  unread: (path: string) => string[]
}

/** A view of a value that knows which of its fields were read. */
function watch(value: unknown): Watched {
  if (typeof value !== 'object' || value === null) return { value, unread: () => [] }
  const children = new Map(Object.entries(value).map(([key, child]) => [key, watch(child)]))
  const read = new Set<string>()
  const look = (key: string | symbol) => {
    if (typeof key === 'string') read.add(key)
    return children.get(String(key))
  }
  const view = new Proxy(value, {
    get: (target, key): unknown => (look(key) ?? { value: Reflect.get(target, key) as unknown }).value,
  })
  const unread = (path: string) =>
    [...children].flatMap(([key, child]) => {
      const place = `${path}.${key}`
      return read.has(key) ? child.unread(place) : [`${place} is not a field of the schema`]
    })
  return { value: view, unread }
}
