// The private PostgreSQL server that the demo starts, for tests.
export {
  type PostgresServer,
  type PostgresServerOptions,
  postgresMissing,
  startPostgres,
} from '../../cli/demo/embedded-postgres.ts'
