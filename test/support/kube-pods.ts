// Pods of the Kubernetes bench.

/** How many pods the bench lists. */
export const benchPods = 10_000

/** One of them, as a server would list it. */
export function benchPod(at: number): {
  readonly metadata: {
    readonly name: string
    readonly labels: object
    readonly annotations: object
    readonly [field: string]: unknown
  }
  readonly spec: object
  readonly status: object
} {
  const container = (name: string): object => ({
    name,
    image: `registry.example.org/shop/${name}:1.${at % 20}`,
    env: Array.from({ length: 12 }, (_, one) => ({
      name: `SETTING_${one}`,
      value: `value of setting ${one} for ${name} in ${at}`,
    })),
    resources: { limits: { cpu: '500m', memory: '256Mi' }, requests: { cpu: '100m', memory: '128Mi' } },
    volumeMounts: [{ name: 'data', mountPath: '/data' }],
    terminationMessagePath: '/dev/termination-log',
  })
  return {
    metadata: {
      name: `web-${at}`,
      namespace: `space-${at % 10}`,
      uid: `00000000-0000-4000-8000-${String(at).padStart(12, '0')}`,
      resourceVersion: String(100_000 + at),
      creationTimestamp: '2026-01-01T00:00:00Z',
      labels: { app: 'web', 'pod-template-hash': 'abcdef' },
      annotations: { note: 'made for a bench', owner: 'team-a' },
      managedFields: [
        {
          manager: 'kubelet',
          operation: 'Update',
          fieldsType: 'FieldsV1',
          fieldsV1: { 'f:status': { 'k:{"type":"Ready"}': { '.': {}, 'f:status': {} } } },
        },
      ],
    },
    spec: {
      containers: [container('app'), container('side')],
      nodeName: `node-${at % 50}`,
      serviceAccountName: 'default',
    },
    status: {
      phase: 'Running',
      podIP: `10.1.${at % 256}.${at % 250}`,
      conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
        type,
        status: 'True',
        lastTransitionTime: '2026-01-01T00:00:00Z',
      })),
    },
  }
}
