package policy.no_host_reaching_sql_test

import data.policy.no_host_reaching_sql

base := {
	"schema": 1,
	"identity": {"subject": "agent-1", "issuer": "https://issuer.example", "kind": "agent", "groups": [], "scopes": [], "claims": {}, "chain": [], "token": {"id": "t", "issued_at": "2026-01-05T10:00:00Z", "expires_at": "2026-01-05T11:00:00Z", "binding": "none"}},
	"resource": {"name": "orders-db", "protocol": "postgres", "labels": {}, "target": {}},
	"session": {"id": "s", "started_at": "2026-01-05T10:00:00Z", "client": {"address": "127.0.0.1", "application": "test"}, "usage": {"actions": 0, "rows": 0, "bytes": 0, "affected": 0, "denied": 0}, "state": {}},
	"context": {"time": "2026-01-05T10:30:00Z", "gateway": {"id": "g", "version": "1"}, "bundle": {"revision": "1"}},
}

statement(kind, verb) := {"kind": kind, "verb": verb, "text": "", "relations": [], "functions": [], "outputs": [], "predicates": [], "where": null, "limit": null, "returning": false, "dynamic": false, "settings": [], "complete": true, "reasons": []}

action(statements) := object.union(base, {"action": {"stage": "request", "verb": "read", "operation": "query", "text": "", "digest": "", "complete": true, "sql": {"statements": statements, "parameters": [], "protocol": "simple"}}})

test_refuses_a_function_that_reads_server_files if {
	reading := action([object.union(statement("select", "read"), {"functions": [{"schema": "pg_catalog", "name": "pg_read_file", "effects": "external"}]})])
	denials := no_host_reaching_sql.deny with input as reading
	denials == {{"rule": "no_host_reaching_sql.function", "message": "pg_catalog.pg_read_file reaches outside the database"}}
}

test_refuses_statements_that_reach_out if {
	count(no_host_reaching_sql.deny) == 1 with input as action([statement("copy_program", "admin")])
}

test_passes_pure_functions if {
	pure := action([object.union(statement("select", "read"), {"functions": [{"schema": "pg_catalog", "name": "lower", "effects": "pure"}]})])
	count(no_host_reaching_sql.deny) == 0 with input as pure
}
