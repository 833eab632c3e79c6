package policy.agent_depth_test

import data.policy.agent_depth

base := {
	"schema": 1,
	"identity": {"subject": "agent-1", "issuer": "https://issuer.example", "kind": "agent", "groups": [], "scopes": [], "claims": {}, "chain": [], "token": {"id": "t", "issued_at": "2026-01-05T10:00:00Z", "expires_at": "2026-01-05T11:00:00Z", "binding": "none"}},
	"resource": {"name": "orders-db", "protocol": "postgres", "labels": {}, "target": {}},
	"session": {"id": "s", "started_at": "2026-01-05T10:00:00Z", "client": {"address": "127.0.0.1", "application": "test"}, "usage": {"actions": 0, "rows": 0, "bytes": 0, "affected": 0, "denied": 0}, "state": {}},
	"context": {"time": "2026-01-05T10:30:00Z", "gateway": {"id": "g", "version": "1"}, "bundle": {"revision": "1"}},
}

statement(kind, verb) := {"kind": kind, "verb": verb, "text": "", "relations": [], "functions": [], "outputs": [], "predicates": [], "where": null, "limit": null, "returning": false, "dynamic": false, "settings": [], "complete": true, "reasons": []}

action(statements) := object.union(base, {"action": {"stage": "request", "verb": "read", "operation": "query", "text": "", "digest": "", "complete": true, "sql": {"statements": statements, "parameters": [], "protocol": "simple"}}})

link(kind) := {"subject": kind, "issuer": "https://issuer.example", "kind": kind, "scopes": []}

chained(links) := object.union(action([]), {"identity": {"chain": links}})

test_refuses_a_chain_that_is_too_deep if {
	count(agent_depth.deny) == 1 with input as chained([link("human"), link("agent"), link("agent"), link("agent")])
}

test_refuses_a_chain_without_a_person if {
	count(agent_depth.deny) == 1 with input as chained([link("agent")])
}

test_passes_a_short_chain if {
	count(agent_depth.deny) == 0 with input as chained([link("human"), link("agent")])
	count(agent_depth.deny) == 0 with input as chained([])
}
