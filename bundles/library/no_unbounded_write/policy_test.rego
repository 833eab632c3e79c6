package policy.no_unbounded_write_test

import data.policy.no_unbounded_write

base := {
	"schema": 1,
	"identity": {"subject": "agent-1", "issuer": "https://issuer.example", "kind": "agent", "groups": [], "scopes": [], "claims": {}, "chain": [], "token": {"id": "t", "issued_at": "2026-01-05T10:00:00Z", "expires_at": "2026-01-05T11:00:00Z", "binding": "none"}},
	"resource": {"name": "orders-db", "protocol": "postgres", "labels": {}, "target": {}},
	"session": {"id": "s", "started_at": "2026-01-05T10:00:00Z", "client": {"address": "127.0.0.1", "application": "test"}, "usage": {"actions": 0, "rows": 0, "bytes": 0, "affected": 0, "denied": 0}, "state": {}},
	"context": {"time": "2026-01-05T10:30:00Z", "gateway": {"id": "g", "version": "1"}, "bundle": {"revision": "1"}},
}

statement(kind, verb) := {"kind": kind, "verb": verb, "text": "", "relations": [], "functions": [], "outputs": [], "predicates": [], "where": null, "limit": null, "returning": false, "dynamic": false, "settings": [], "complete": true, "reasons": []}

action(statements) := object.union(base, {"action": {"stage": "request", "verb": "read", "operation": "query", "text": "", "digest": "", "complete": true, "sql": {"statements": statements, "parameters": [], "protocol": "simple"}}})

test_refuses_a_delete_without_where if {
	denials := no_unbounded_write.deny with input as action([object.union(statement("delete", "write"), {"where": false})])
	denials == {{"rule": "no_unbounded_write.where", "message": "DELETE without WHERE would change every row"}}
}

test_passes_a_delete_with_where if {
	count(no_unbounded_write.deny) == 0 with input as action([object.union(statement("delete", "write"), {"where": true})])
}

test_refuses_truncate if {
	count(no_unbounded_write.deny) == 1 with input as action([statement("truncate", "write")])
}

test_limits_affected_rows_of_writes if {
	writing := object.union(action([object.union(statement("update", "write"), {"where": true})]), {"action": {"verb": "write"}})
	no_unbounded_write.limit == {{"affected": 1000}} with input as writing
	no_unbounded_write.limit == {{"affected": 5}} with input as writing with data.config.no_unbounded_write.affected as 5
	count(no_unbounded_write.limit) == 0 with input as action([statement("select", "read")])
}
