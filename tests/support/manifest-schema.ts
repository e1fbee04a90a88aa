import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1'
import { Deployment, StatefulSet } from 'kubernetes-models/apps/v1'
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2'
import { Ingress, NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1'
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1'
import { ConfigMap, Namespace, Secret, Service, ServiceAccount } from 'kubernetes-models/v1'
import type { Manifest } from './manifests'

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
