// The table of commands. One line a command; each loads its own module when it is asked for.

/** A command runs its arguments and answers with the exit code. */
export type Run = (args: readonly string[]) => Promise<number>

/** One entry of the command table. */
export interface Command {
  readonly name: string
  readonly summary: string
  readonly load: () => Promise<Run>
}

/** Every command, in the order that `help` prints. */
export const commands: readonly Command[] = [
  {
    name: 'serve',
    summary: 'run the gateway of a configuration',
    load: async () => (await import('./serve/serve.ts')).run,
  },
  {
    name: 'init',
    summary: 'write the folder of a deployment: configuration, policy, keys, CI, systemd unit',
    load: async () => (await import('./init/init.ts')).run,
  },
  {
    name: 'doctor',
    summary: 'check whether a configuration would work here, and say what to do',
    load: async () => (await import('./doctor/doctor.ts')).run,
  },
  {
    name: 'analyze',
    summary: 'print what the analyzer sees in a statement',
    load: async () => (await import('./analyze/analyze.ts')).run,
  },
  {
    name: 'demo',
    summary: 'start a gateway with a real database on this machine',
    load: async () => (await import('./demo/demo.ts')).run,
  },
  {
    name: 'approvals',
    summary: 'list, show, approve and deny what waits for people',
    load: async () => (await import('./approvals/approvals.ts')).run,
  },
  {
    name: 'approver',
    summary: 'make the key that an approver answers with',
    load: async () => (await import('./approvals/enroll.ts')).run,
  },
  {
    name: 'unmask',
    summary: 'ask a gateway what masked tokens stand for',
    load: async () => (await import('./unmask/unmask.ts')).run,
  },
  {
    name: 'sessions',
    summary: 'list, show, play, follow, search, export and verify recordings',
    load: async () => (await import('./sessions/sessions.ts')).run,
  },
  {
    name: 'explain',
    summary: 'say in plain words why an action was decided as it was',
    load: async () => (await import('./explain/explain.ts')).run,
  },
  {
    name: 'policy',
    summary: 'check, test, evaluate, build and verify policies',
    load: async () => (await import('./policy/policy.ts')).run,
  },
  {
    name: 'resource',
    summary: 'prepare a database for masking by views',
    load: async () => (await import('./resource/resource.ts')).run,
  },
  {
    name: 'config',
    summary: 'check, show or describe sallyport.yaml; print its schema or reference',
    load: async () => (await import('./config/config.ts')).run,
  },
  {
    name: 'login',
    summary: 'log in at an OpenID issuer and keep the token',
    load: async () => (await import('./identity/login.ts')).run,
  },
  {
    name: 'token',
    summary: 'print, exchange and look into tokens',
    load: async () => (await import('./identity/token.ts')).run,
  },
  {
    name: 'ssh-cert',
    summary: 'have an SSH key certified by the gateway, for minutes',
    load: async () => (await import('./identity/ssh-cert.ts')).run,
  },
  {
    name: 'dev-issuer',
    summary: 'run an OpenID issuer for development on this machine',
    load: async () => (await import('./identity/dev-issuer.ts')).run,
  },
  {
    name: 'connect',
    summary: 'print what a client needs to reach a resource through the gateway',
    load: async () => (await import('./connect/connect.ts')).run,
  },
  {
    name: 'kube-credential',
    summary: 'give kubectl its token: an exec plugin of a kubeconfig',
    load: async () => (await import('./kube/credential.ts')).run,
  },
]
