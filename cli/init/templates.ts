// The texts that `sallyport init` writes.

/** The configuration: one database, one issuer, everything else at its default, and what to change said beside it. */
export const configurationText = `# sallyport.yaml: everything that this gateway is. Check it with \`sallyport config check\`; every key and its default is in
# \`sallyport config reference\`. Secrets stand here by reference only: file:, env: or exec:.
version: 1
gateway: { id: gate-1 }

listeners:
  # Clients bring a token as password, so beyond this machine they need TLS:
  #   address: "0.0.0.0:6432"
  #   tls: { certificate: keys/server.pem, key: "file:keys/server.key" }
  - { protocol: postgres, name: postgres, address: "127.0.0.1:6432" }
  # Health, metrics and approvals.
  - { protocol: admin, name: admin, address: "127.0.0.1:9090" }

identity:
  issuers:
    # Who may act: the issuer of your agents' or pipelines' tokens. Presets: oidc, github_actions,
    # gitlab_ci, kubernetes, spiffe, okta, entra_id, google.
    - name: main
      preset: oidc
      issuer: https://issuer.example
      audiences: [sallyport]
      kind: agent

resources:
  # What clients may reach. They name it as the database: psql -h 127.0.0.1 -p 6432 orders
  - name: orders
    protocol: postgres
    labels: { env: test }
    upstream:
      host: 127.0.0.1
      port: 5432
      database: orders
      user: gateway
      credential: file:keys/orders-password

bundles:
  # A folder is to begin with: an edit is live at once. Later serve signed bundles and say \`signed: true\`:
  #   sallyport policy build policy --signing-key KEY -o orders.tar.gz
  signed: false
  sources: [{ kind: folder, name: orders, path: policy }]

storage: { kind: embedded, path: .sallyport/state.db }

recording:
  store: { kind: folder, path: .sallyport/recordings }
  signing_key: file:keys/recording-sign.pem
  encryption_key: file:keys/recording-seal.key
`

/** What git is not to keep. */
export const ignoredText = `keys/
!keys/recording-verify.pem
.sallyport/
`

/** The systemd unit. */
export function unitText(folder: string): string {
  return `[Unit]
Description=Sallyport gateway
After=network-online.target
Wants=network-online.target

[Service]
ExecStart=/usr/bin/env npx sallyport serve --config ${folder}/sallyport.yaml
WorkingDirectory=${folder}
User=sallyport
Restart=on-failure
# Running actions get their time to end.
TimeoutStopSec=60
LimitNOFILE=65536
NoNewPrivileges=true
PrivateTmp=true
ProtectSystem=strict
ProtectHome=read-only
ReadWritePaths=${folder}/.sallyport
CapabilityBoundingSet=
MemoryDenyWriteExecute=false

[Install]
WantedBy=multi-user.target
`
}
