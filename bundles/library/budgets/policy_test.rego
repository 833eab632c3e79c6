package policy.budgets_test

import data.policy.budgets

base := {
	"schema": 1,
	"identity": {"subject": "agent-1", "issuer": "https://issuer.example", "kind": "agent", "groups": [], "scopes": [], "claims": {}, "chain": [], "token": {"id": "t", "issued_at": "2026-01-05T10:00:00Z", "expires_at": "2026-01-05T11:00:00Z", "binding": "none"}},
	"resource": {"name": "orders-db", "protocol": "postgres", "labels": {}, "target": {}},
	"session": {"id": "s", "started_at": "2026-01-05T10:00:00Z", "client": {"address": "127.0.0.1", "application": "test"}, "usage": {"actions": 0, "rows": 0, "bytes": 0, "affected": 0, "denied": 0}, "state": {}},
	"context": {"time": "2026-01-05T10:30:00Z", "gateway": {"id": "g", "version": "1"}, "bundle": {"revision": "1"}},
}

statement(kind, verb) := {"kind": kind, "verb": verb, "text": "", "relations": [], "functions": [], "outputs": [], "predicates": [], "where": null, "limit": null, "returning": false, "dynamic": false, "settings": [], "complete": true, "reasons": []}

action(statements) := object.union(base, {"action": {"stage": "request", "verb": "read", "operation": "query", "text": "", "digest": "", "complete": true, "sql": {"statements": statements, "parameters": [], "protocol": "simple"}}})

used(usage) := object.union(action([]), {"session": {"usage": usage}})

test_limits_every_action if {
	budgets.limit == {{"rows": 10000, "bytes": 67108864}} with input as action([])
	budgets.limit == {{"rows": 5, "bytes": 67108864}} with input as action([]) with data.config.budgets.action.rows as 5
}

test_refuses_a_session_that_has_used_its_rows if {
	count(budgets.deny) == 1 with input as used({"rows": 100000})
	count(budgets.deny) == 0 with input as used({"rows": 99999})
}

test_refuses_a_session_that_was_refused_too_often if {
	count(budgets.deny) == 1 with input as used({"denied": 100})
}
