package policy.read_only_database_test

import data.policy.read_only_database

base := {
	"schema": 1,
	"identity": {"subject": "agent-1", "issuer": "https://issuer.example", "kind": "agent", "groups": [], "scopes": [], "claims": {}, "chain": [], "token": {"id": "t", "issued_at": "2026-01-05T10:00:00Z", "expires_at": "2026-01-05T11:00:00Z", "binding": "none"}},
	"resource": {"name": "orders-db", "protocol": "postgres", "labels": {}, "target": {}},
	"session": {"id": "s", "started_at": "2026-01-05T10:00:00Z", "client": {"address": "127.0.0.1", "application": "test"}, "usage": {"actions": 0, "rows": 0, "bytes": 0, "affected": 0, "denied": 0}, "state": {}},
	"context": {"time": "2026-01-05T10:30:00Z", "gateway": {"id": "g", "version": "1"}, "bundle": {"revision": "1"}},
}

statement(kind, verb) := {"kind": kind, "verb": verb, "text": "", "relations": [], "functions": [], "outputs": [], "predicates": [], "where": null, "limit": null, "returning": false, "dynamic": false, "settings": [], "complete": true, "reasons": []}

action(statements) := object.union(base, {"action": {"stage": "request", "verb": "read", "operation": "query", "text": "", "digest": "", "complete": true, "sql": {"statements": statements, "parameters": [], "protocol": "simple"}}})

reading := action([object.union(statement("select", "read"), {"relations": [{"schema": "public", "name": "orders", "access": "read", "columns": ["*"], "resolved": true, "kind": "table", "via": []}]})])

writing := action([object.union(statement("delete", "write"), {"relations": [{"schema": "public", "name": "orders", "access": "write", "columns": [], "resolved": true, "kind": "table", "via": []}]})])

calling := action([object.union(statement("select", "read"), {"functions": [{"schema": "pg_catalog", "name": "pg_terminate_backend", "effects": "external"}]})])

test_allows_a_read if {
	read_only_database.allow with input as reading
	count(read_only_database.deny) == 0 with input as reading
}

test_refuses_a_write if {
	rules := {denial.rule | some denial in read_only_database.deny} with input as writing
	rules == {"read_only_database.write", "read_only_database.relation"}
}

test_refuses_a_function_that_reaches_out if {
	rules := {denial.rule | some denial in read_only_database.deny} with input as calling
	rules == {"read_only_database.function"}
}

test_says_nothing_about_other_protocols if {
	not read_only_database.allow with input as object.union(reading, {"resource": {"protocol": "ssh"}})
	count(read_only_database.deny) == 0 with input as object.union(writing, {"resource": {"protocol": "ssh"}})
}
