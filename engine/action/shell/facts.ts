// What the shell analyzer reports about one command line.

/** One command that the line runs or may run. */
export interface ShellCommand {
  /** Words after quote removal; null where a word depends on something unknown (a variable, a substitution, a glob). */
  readonly argv: readonly (string | null)[]
  /** The last segment of argv[0], empty when unknown. */
  readonly name: string
  /** How it is reached: [] at top level, else the wrappers and constructs around it (`sudo`, `sh -c`, `$()`, `find -exec`). */
  readonly via: readonly string[]
  /** Assignments before the command word. */
  readonly assignments: readonly { readonly name: string; readonly value: string | null }[]
}

/** One redirection. */
export interface ShellRedirect {
  readonly operator: string
  readonly target: string | null
  readonly writes: boolean
}

/** The `action.shell` part of an action document. */
export interface ShellFacts {
  readonly operation:
    | 'exec'
    | 'shell'
    | 'line'
    | 'subsystem'
    | 'sftp'
    | 'scp'
    | 'rsync'
    | 'git'
    | 'forward'
    | 'remote_forward'
    | 'agent'
    | 'x11'
    | 'env'
    | 'pty'
    | 'session'
  readonly commands: readonly ShellCommand[]
  readonly redirects: readonly ShellRedirect[]
  readonly complete: boolean
  readonly reasons: readonly string[]
  /** For sftp, scp, rsync and git: what is done to which file. */
  readonly file?: {
    readonly verb: string
    /** Where it happens. For sftp the host's own real path; else as the command line has it. */
    readonly path: string
    /** The path as the client wrote it, where that is another. */
    readonly asked?: string
    /** Where to: of a rename, a link; where a symbolic link leads. */
    readonly target?: string
    readonly flags?: readonly string[]
  }
  /** For shells: whether its opening alone is judged, each line too, or each line as a command of its own. */
  readonly mode?: 'record' | 'lines' | 'wrapper'
  /** For forwards: where to; of a remote one, where the host listens. */
  readonly forward?: {
    readonly direction: 'local' | 'remote' | 'dynamic'
    readonly host: string
    readonly port: number
  }
  /** For exec and shell: true where the client asked for a terminal. */
  readonly terminal?: true
  /** For env: the variable that the commands of the channel are to have. */
  readonly environment?: { readonly name: string; readonly value: string }
  /** For agent and x11: the client, who wants it forwarded, or the host, which opens it then. */
  readonly asked_by?: 'client' | 'host'
}
