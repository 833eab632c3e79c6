// What the demo prints when it is up: lines to copy, and what they show. The same lines are run by its tests.
import { join } from 'node:path'

/** Where everything is. */
export interface DemoPlaces {
  readonly folder: string
  readonly ports: ReadonlyMap<string, number>
  readonly tookMs: number
}

/** The guide. */
export function guide({ folder, ports, tookMs }: DemoPlaces): string {
  const at = (...names: string[]): string => join(folder, ...names)
  const port = (name: string): number => ports.get(name) ?? 0
  return `
The gateway is up after ${(tookMs / 1000).toFixed(1)} s. You are agent-1, an AI agent; its token is in ${at('token')}.

PostgreSQL
  PGPASSWORD=$(cat ${at('token')}) psql -h 127.0.0.1 -p ${port('postgres')} -U agent shop

  SELECT * FROM customers LIMIT 3;                        e-mail addresses masked
  SELECT number FROM cards LIMIT 3;                       card numbers masked
  SELECT id FROM cards WHERE number LIKE '4%';            refused: a masked column would be searched
  DELETE FROM orders;                                     refused: no WHERE
  DELETE FROM orders WHERE id = 7;                        allowed
  DO $$ BEGIN EXECUTE 'DROP TABLE orders'; END $$;        refused: not fully understood
  DROP TABLE orders;                                      held until a person approves, in another terminal:

  export SALLYPORT_ADMIN_URL=http://127.0.0.1:${port('admin')} SALLYPORT_APPROVER=${at('approver', 'approver.json')}
  sallyport approvals list
  sallyport approvals show ID
  sallyport approvals approve ID      (or: deny ID --reason "...")

SSH
  ssh -F ${at('ssh_config')} files 'ls -l'               allowed
  ssh -F ${at('ssh_config')} files 'cat app.log'         allowed; card and e-mail masked
  ssh -F ${at('ssh_config')} files 'rm app.log'          refused: not on the list
  ssh -F ${at('ssh_config')} files 'ls; echo cm0K | base64 -d | sh'   refused: what runs cannot be known

  with  export SSH_ASKPASS=${at('askpass')} SSH_ASKPASS_REQUIRE=force

HTTP
  curl -H "Authorization: Bearer $(cat ${at('token')})" http://127.0.0.1:${port('http')}/customers              e-mail masked
  curl -H "Authorization: Bearer $(cat ${at('token')})" -X DELETE http://127.0.0.1:${port('http')}/customers/1  refused

Without these clients: sallyport demo sql "SELECT ...", demo ssh "COMMAND", demo http METHOD PATH

Files
  policy       ${at('policy')}   (edit one and it is live)
  recordings   ${at('recordings')}
  settings     ${at('sallyport.yaml')}
  log          ${at('gateway.log')}

  sallyport sessions list   --dir ${at('recordings')} --open-key ${at('keys', 'recording-wrap.key')}
  sallyport sessions verify --dir ${at('recordings')} --key ${at('keys', 'recording-verify.pem')}

Ctrl-C ends it.
`
}
