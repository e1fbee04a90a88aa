import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'
import { problemsIn } from './support/manifest-schema'
import {
  type Manifest,
  consoleProcess,
  containerOf,
  filesBelow,
  folder,
  ingress,
  keysOf,
  labelsOf,
  named,
  ofKind,
  parseManifests,
  podOf,
  processes,
  readKustomizations,
  readManifests,
  readSettings,
  secretNamed,
  worker,
  workloads,
} from './support/manifests'

/*
 * The manifests of deploy/kubernetes as they are written, and as kubectl renders them where it is installed.
 * What the processes make of them: kubernetes-settings.test.ts.
 */

const root = join(__dirname, '..')
const read = (path: string) => readFileSync(path, 'utf8')
const nameOf = ({ kind, metadata }: Manifest) => `${kind} ${metadata.name}`

describe('files', () => {
  test('a kustomization names each of them, and only files that are there', () => {
    const there = filesBelow(folder).filter((path) => !/kustomization\.yaml$|README/.test(path))
    const folders = readKustomizations().map(({ path }) => dirname(path))
    const used = readKustomizations().flatMap(({ files }) => files)
    expect(there.filter((path) => !used.includes(path))).toEqual([])
    expect(used.filter((path) => !there.includes(path) && !folders.includes(path))).toEqual([])
  })

  test.each(['README.md', 'README.ja.md'])('%s tells of all of them', (file) => {
    const text = read(join(folder, file))
    const folders = readKustomizations().map(({ path }) => dirname(path))
    expect([...folders, 'wait-for-journal.mjs'].filter((path) => !text.includes(path))).toEqual([])
    const settingsThere = readSettings()
    const settings = [...text.matchAll(/`([A-Z]+(?:_[A-Z]+)+)(?:=[^`]*)?`/g)].map(([, name = '']) => name)
    expect(settings.filter((name) => !settingsThere.has(name.replace(/_FILE$/, '')))).toEqual([])
  })
})

test('the Prometheus Operator gets the alerts of deploy/prometheus, and the job names that they ask for', () => {
  const { groups } = parse(read(join(root, 'deploy/prometheus/alerts.yml'))) as { groups: object[] }
  expect(groups.length).toBeGreaterThan(0)
  expect(named('PrometheusRule', 'hookline').spec['groups']).toEqual(groups)
  const asked = [...JSON.stringify(groups).matchAll(/job=\\"([\w-]+)/g)].map(([, job]) => job)
  const monitors = ofKind('PodMonitor')
  const names = monitors.map(({ metadata }) => metadata.name)
  expect(asked).toContain('hookline-ingress')
  expect(names).toEqual(expect.arrayContaining(asked))
  for (const { metadata, spec } of monitors)
    for (const { relabelings } of spec.podMetricsEndpoints ?? [])
      expect(relabelings).toContainEqual({ targetLabel: 'job', replacement: metadata.name })
})

/** Kinds of the Prometheus Operator; no schema of theirs is installed. */
const withoutSchema = ['PodMonitor', 'PrometheusRule']

describe('published schemas', () => {
  const checked = readManifests().filter(({ kind }) => !withoutSchema.includes(kind))

  test.each(checked.map((manifest) => [nameOf(manifest), manifest] as const))('%s', (_name, manifest) => {
    expect(problemsIn(manifest)).toEqual([])
  })

  test.each(checked.map((manifest) => [nameOf(manifest), manifest] as const))(
    '%s: a misspelled field is found, whichever it is',
    (_name, manifest) => {
      const found = misspellings(manifest).filter((wrong) => problemsIn(wrong).length > 0)
      expect(found).toHaveLength(misspellings(manifest).length)
      expect(found.length).toBeGreaterThan(0)
    },
  )
})

/** Maps whose keys are the author's. */
const free = /^(labels|matchLabels|annotations|stringData|requests|limits|metadata|selector)$/

/** Copies of a manifest, each with one field's name misspelled. */
function misspellings(manifest: Manifest): Manifest[] {
  const copies: Manifest[] = []
  const visit = (value: unknown, path: string[]) => {
    if (typeof value !== 'object' || value === null) return
    for (const [key, child] of Object.entries(value)) {
      const isFree = free.test(path.at(-1) ?? '') && typeof child === 'string'
      if (!Array.isArray(value) && !isFree) copies.push(misspelled(manifest, [...path, key]))
      visit(child, [...path, key])
    }
  }
  visit(manifest, [])
  return copies
}

function misspelled(manifest: Manifest, path: string[]): Manifest {
  const copy = structuredClone(manifest)
  const place = path.slice(0, -1).reduce<unknown>((at, key) => Reflect.get(at as object, key), copy) as object
  const key = path.at(-1)!
  Reflect.set(place, `${key}x`, Reflect.get(place, key))
  Reflect.deleteProperty(place, key)
  return copy
}

describe.each(workloads.map((workload) => [nameOf(workload), workload] as const))('%s', (_name, workload) => {
  const pod = podOf(workload)

  test('keeps to the Pod Security Standard "restricted"', () => {
    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    })
    for (const field of ['hostNetwork', 'hostPID', 'hostIPC', 'initContainers', 'ephemeralContainers'])
      expect(pod).not.toHaveProperty(field)
    const kinds = pod.volumes.flatMap(({ name: _, ...source }) => Object.keys(source))
    expect(kinds.filter((kind) => !['configMap', 'secret', 'emptyDir'].includes(kind))).toEqual([])
  })

  test('every container is hardened, and bounded in memory', () => {
    for (const container of pod.containers) {
      expect(container.securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        runAsNonRoot: true,
        capabilities: { drop: ['ALL'] },
      })
      expect(container.resources.requests).toMatchObject({
        cpu: expect.any(String),
        memory: expect.any(String),
      })
      expect(container.resources.limits?.['memory']).toMatch(/^\d+Mi$/)
    }
  })

  test('has no token of the cluster and no variables of other Services', () => {
    expect(pod).toMatchObject({ automountServiceAccountToken: false, enableServiceLinks: false })
    expect(named('ServiceAccount', pod.serviceAccountName)).toMatchObject({
      automountServiceAccountToken: false,
    })
  })

  test('its probes ask a port that it has', () => {
    for (const container of pod.containers) {
      const ports = container.ports.map(({ name }) => name)
      const { startupProbe, readinessProbe, livenessProbe } = container
      for (const probe of [startupProbe, readinessProbe, livenessProbe])
        expect(ports).toContain((probe.httpGet ?? probe.tcpSocket)?.port)
    }
  })

  test('every mount has its volume, and every volume its source', () => {
    const claims = (workload.spec.volumeClaimTemplates ?? []).map(({ metadata }) => metadata.name)
    const volumes = [...pod.volumes.map(({ name }) => name), ...claims].sort()
    const mounted = pod.containers.flatMap(({ volumeMounts }) => volumeMounts.map(({ name }) => name)).sort()
    expect(mounted).toEqual(volumes)
    for (const { secret, configMap } of pod.volumes) {
      if (secret)
        expect(Object.keys(secretNamed(secret.secretName))).toEqual(expect.arrayContaining(keysOf(secret)))
      if (configMap) expect(generatedConfigMaps).toContain(configMap.name)
    }
  })

  test('the selectors of its Service, budget and policies are its labels', () => {
    expect(labelsOf(workload)).toEqual(workload.spec.selector?.matchLabels)
    const component = labelsOf(workload)['app.kubernetes.io/component']
    const policies = ofKind('NetworkPolicy').map(({ spec }) => spec.podSelector?.matchLabels)
    expect(policies).toContainEqual(labelsOf(workload))
    const services = ofKind('Service').filter(
      ({ metadata }) => metadata.labels?.['app.kubernetes.io/component'] === component,
    )
    expect(services.length).toBeGreaterThan(0)
    for (const { spec } of services) {
      expect(spec.selector).toEqual(labelsOf(workload))
      const ports = pod.containers.flatMap((container) => container.ports.map(({ name }) => name))
      for (const { targetPort } of spec.ports ?? []) expect(ports).toContain(targetPort)
    }
    const { serviceName } = workload.spec
    if (serviceName !== undefined)
      expect(services.map(({ metadata }) => metadata.name)).toContain(serviceName)
  })
})

const generatedConfigMaps = readKustomizations().flatMap(({ path }) =>
  [...read(join(folder, path)).matchAll(/configMapGenerator:\n((?: .*\n?)*)/g)].flatMap(([, block = '']) =>
    [...block.matchAll(/^ +- name: (\S+)/gm)].map(([, name = '']) => name),
  ),
)

describe.each(processes)('what scales and guards the $role', ({ role, workload }) => {
  const target = { kind: workload.kind, name: workload.metadata.name }

  test('has it as its target and never goes below two', () => {
    const scaler = role === 'ingress' ? ofKind('HorizontalPodAutoscaler') : ofKind('ScaledObject')
    expect(scaler).toHaveLength(1)
    expect(scaler[0]?.spec.scaleTargetRef).toMatchObject(target)
    expect(scaler[0]?.spec.minReplicas ?? scaler[0]?.spec.minReplicaCount).toBeGreaterThanOrEqual(2)
  })

  test('a budget and a monitor select its pods', () => {
    for (const kind of ['PodDisruptionBudget', 'PodMonitor']) {
      const { spec } = named(kind, workload.metadata.name)
      expect(spec.selector?.matchLabels).toEqual(labelsOf(workload))
      for (const { port } of spec.podMetricsEndpoints ?? [])
        expect(containerOf(workload).ports.map(({ name }) => name)).toContain(port)
    }
  })
})

test('a monitor selects the pods of the console', () => {
  const { spec } = named('PodMonitor', 'hookline-console')
  expect(spec.selector?.matchLabels).toEqual(labelsOf(consoleProcess))
  const ports = containerOf(consoleProcess).ports.map(({ name }) => name)
  expect(spec.podMetricsEndpoints?.map(({ port }) => port)).toEqual(ports)
})

describe('network policies', () => {
  const policies = ofKind('NetworkPolicy')
  const selecting = (workload: Manifest) =>
    policies.filter(({ spec }) =>
      Object.entries(spec.podSelector?.matchLabels ?? {}).every(
        ([key, value]) => labelsOf(workload)[key] === value,
      ),
    )
  const egressPorts = (workload: Manifest) =>
    selecting(workload).flatMap(({ spec }) =>
      (spec.egress ?? []).flatMap(({ ports = [] }) => ports.map(({ port }) => port)),
    )

  test('without another rule nothing goes in or out', () => {
    for (const workload of workloads) {
      const closed = selecting(workload).filter(({ spec }) => !spec.ingress && !spec.egress)
      expect(closed.map(({ spec }) => spec.policyTypes)).toEqual([['Ingress', 'Egress']])
    }
    for (const { spec } of policies)
      for (const { to, ports } of spec.egress ?? [])
        expect([to?.length, ports?.length]).not.toContain(undefined)
  })

  test('the ingress reaches Redis and names, and nothing else', () => {
    expect([...new Set(egressPorts(ingress))].sort()).toEqual([26379, 53, 6379, 6380])
  })

  test.each([
    ['worker', worker, [443]],
    // Alerts: webhooks and the certificate of the public URL, and e-mail.
    ['console', consoleProcess, [443, 25, 465, 587]],
  ] as const)('the %s reaches its ports outside, and no private network by them', (_role, workload, open) => {
    const rules = selecting(workload).flatMap(({ spec }) => spec.egress ?? [])
    const https = rules.filter(({ ports = [] }) => ports.some(({ port }) => port === 443))
    expect(https).toHaveLength(1)
    const [ipv4, ipv6] = https[0]?.to ?? []
    const kept = [
      '10.0.0.0/8',
      '100.64.0.0/10',
      '127.0.0.0/8',
      '169.254.0.0/16',
      '172.16.0.0/12',
      '192.168.0.0/16',
    ]
    expect(ipv4?.ipBlock).toMatchObject({ cidr: '0.0.0.0/0', except: expect.arrayContaining(kept) })
    expect(ipv6?.ipBlock?.cidr).toBe('2000::/3')
    expect(https[0]?.to).toHaveLength(2)
    const rest = [26379, 53, 6379, 6380]
    expect([...new Set(egressPorts(workload))].sort()).toEqual([...rest, ...open].sort())
  })

  test('what listens may be reached there', () => {
    for (const workload of workloads) {
      const open = selecting(workload).flatMap(({ spec }) =>
        (spec.ingress ?? []).flatMap(({ ports = [] }) => ports),
      )
      expect(open.map(({ port }) => port)).toEqual([containerOf(workload).ports[0]?.containerPort])
    }
  })
})

test.each(['README.md', 'README.ja.md'])(
  'the commands of %s create every key that the example needs',
  (file) => {
    const text = read(join(folder, file)).replace(/\\\n/g, ' ')
    const commands = [...text.matchAll(/create secret generic (\S+)(.*)/g)]
    const created = commands.map(([, name = '', rest = '']) => [name, keysCreatedBy(rest)])
    const needed = ofKind('Secret').map(({ metadata, stringData = {} }) => [
      metadata.name,
      Object.keys(stringData).sort(),
    ])
    expect(created).toEqual(needed)
  },
)

test('the Secrets of the example have every key that is mounted or that its config file reads', () => {
  const mounted = workloads
    .flatMap((workload) => podOf(workload).volumes)
    .flatMap(({ secret }) => (secret ? keysOf(secret).map((key) => `${secret.secretName} ${key}`) : []))
  const there = ofKind('Secret').flatMap(({ metadata, stringData = {} }) =>
    Object.keys(stringData).map((key) => `${metadata.name} ${key}`),
  )
  expect([...new Set(mounted)].sort()).toEqual(there.sort())
  const config = read(join(folder, 'overlays/example/hookline.config.yaml'))
  const files = [...config.matchAll(/file:\/run\/secrets\/hookline\/([\w-]+)/g)].map(([, key = '']) => key)
  const keys = [secretNamed('hookline-ingress'), secretNamed('hookline-worker')].flatMap(Object.keys)
  expect(files.sort()).toEqual([...new Set(keys)].sort())
})

/** Of `--from-file=KEY=FILE`, `--from-file=KEY` and `--from-literal=KEY=VALUE`. */
function keysCreatedBy(options: string): string[] {
  return [...options.matchAll(/--from-(?:file|literal)=([^\s=]+)/g)].map(([, key = '']) => key).sort()
}

test('queries and alerts ask for metrics that exist', () => {
  const documented = read(join(root, 'docs/metrics.md'))
  const asked = filesBelow(folder).flatMap((file) => read(join(folder, file)).match(/\bhookline_\w+/g) ?? [])
  expect(asked).toEqual(expect.arrayContaining(['hookline_lane_items', 'hookline_oldest_item_age_seconds']))
  const unknown = asked.filter((name) => !documented.includes(`\`${name.replace(/_(bucket|count)$/, '')}\``))
  expect(unknown).toEqual([])
})

const hasKubectl = spawnSync('kubectl', ['kustomize', folder, '--help']).status === 0

;(hasKubectl ? describe : describe.skip)('rendered by kubectl', () => {
  const render = (path: string) => {
    const { status, stdout, stderr } = spawnSync('kubectl', ['kustomize', path], { encoding: 'utf8' })
    if (status !== 0) throw new Error(stderr)
    return parseManifests(stdout)
  }

  const copies: string[] = []
  afterAll(() => copies.forEach((copy) => rmSync(copy, { recursive: true, force: true })))

  /** The example with all that it has commented out. */
  function exampleWithEverything(): string {
    const copy = mkdtempSync(join(tmpdir(), 'hookline-kubernetes-'))
    copies.push(copy)
    cpSync(folder, copy, { recursive: true })
    const example = join(copy, 'overlays/example')
    const file = join(example, 'kustomization.yaml')
    const text = read(file).replace(/^( *)# (- \.\.\/|- name:| {2}files:| {4}- )/gm, '$1$2')
    writeFileSync(file, text)
    mkdirSync(join(example, 'bots'))
    cpSync(join(root, 'bots/hello.ts'), join(example, 'bots/helpdesk.ts'))
    return example
  }

  test.each([
    ['base', () => join(folder, 'base')],
    ['overlays/example', () => join(folder, 'overlays/example')],
    ['overlays/example with everything', exampleWithEverything],
  ])('%s is valid, and refers only to what is there', (_name, path) => {
    const rendered = render(path())
    const problems = rendered
      .filter(({ kind }) => !withoutSchema.includes(kind))
      .flatMap((manifest) => problemsIn(manifest).map((problem) => `${nameOf(manifest)}: ${problem}`))
    expect(problems).toEqual([])
    const maps = rendered.filter(({ kind }) => kind === 'ConfigMap').map(({ metadata }) => metadata.name)
    const pods = rendered.flatMap((manifest) => ('spec' in manifest ? [manifest.spec.template?.spec] : []))
    const volumes = pods.flatMap((pod) => pod?.volumes ?? [])
    const used = volumes.flatMap(({ configMap }) => (configMap ? [configMap.name] : []))
    // The base is completed by an overlay.
    expect(used.filter((name) => !maps.includes(name) && name !== 'hookline-config')).toEqual([])
    expect(maps.filter((name) => !/-[a-z0-9]{10}$/.test(name))).toEqual([])
  })

  test('with everything: KEDA has the replicas, bots are mounted, all is in one namespace', () => {
    const rendered = render(exampleWithEverything())
    const deployment = rendered.find(
      ({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'hookline-worker',
    )!
    expect(deployment.spec).not.toHaveProperty('replicas')
    expect(containerOf(deployment).volumeMounts).toContainEqual({
      name: 'bots',
      mountPath: '/app/bots',
      readOnly: true,
    })
    expect(containerOf(deployment).image).toBe('registry.example.com/hookline:0.1.0')
    const inside = rendered
      .filter(({ kind }) => kind !== 'Namespace')
      .map(({ metadata }) => metadata.namespace)
    expect(new Set(inside)).toEqual(new Set(['hookline']))
  })
})
