package policy.complete_only_test

import data.policy.complete_only

base := {
	"schema": 1,
	"identity": {"subject": "agent-1", "issuer": "https://issuer.example", "kind": "agent", "groups": [], "scopes": [], "claims": {}, "chain": [], "token": {"id": "t", "issued_at": "2026-01-05T10:00:00Z", "expires_at": "2026-01-05T11:00:00Z", "binding": "none"}},
	"resource": {"name": "orders-db", "protocol": "postgres", "labels": {}, "target": {}},
	"session": {"id": "s", "started_at": "2026-01-05T10:00:00Z", "client": {"address": "127.0.0.1", "application": "test"}, "usage": {"actions": 0, "rows": 0, "bytes": 0, "affected": 0, "denied": 0}, "state": {}},
	"context": {"time": "2026-01-05T10:30:00Z", "gateway": {"id": "g", "version": "1"}, "bundle": {"revision": "1"}},
}

statement(kind, verb) := {"kind": kind, "verb": verb, "text": "", "relations": [], "functions": [], "outputs": [], "predicates": [], "where": null, "limit": null, "returning": false, "dynamic": false, "settings": [], "complete": true, "reasons": []}

action(statements) := object.union(base, {"action": {"stage": "request", "verb": "read", "operation": "query", "text": "", "digest": "", "complete": true, "sql": {"statements": statements, "parameters": [], "protocol": "simple"}}})

incomplete := object.union(action([object.union(statement("do", "execute"), {"complete": false, "reasons": ["DO block"]})]), {"action": {"complete": false}})

test_refuses_an_incomplete_action if {
	count(complete_only.deny) == 1 with input as incomplete
	some denial in complete_only.deny with input as incomplete
	denial.message == "the action cannot be fully understood before it runs: DO block"
}

test_names_what_the_database_does_not_know if {
	unknown := object.union(statement("select", "read"), {"complete": false, "reasons": ["unresolved column", "unresolved relation"], "unresolved": ["c.nope", "gone"]})
	some denial in complete_only.deny with input as object.union(action([unknown]), {"action": {"complete": false}})
	denial.message == "the action cannot be fully understood before it runs: unresolved column; unresolved relation (c.nope, gone)"
}

test_passes_a_complete_action if {
	count(complete_only.deny) == 0 with input as action([statement("select", "read")])
}

test_passes_an_excepted_resource if {
	count(complete_only.deny) == 0 with input as incomplete with data.config.complete_only.except_resources as ["orders-db"]
}
