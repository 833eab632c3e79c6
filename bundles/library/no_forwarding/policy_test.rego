package policy.no_forwarding_test

import data.policy.no_forwarding

base := {
	"schema": 1,
	"identity": {"subject": "agent-1", "issuer": "https://issuer.example", "kind": "agent", "groups": [], "scopes": [], "claims": {}, "chain": [], "token": {"id": "t", "issued_at": "2026-01-05T10:00:00Z", "expires_at": "2026-01-05T11:00:00Z", "binding": "none"}},
	"resource": {"name": "orders-db", "protocol": "ssh", "labels": {}, "target": {}},
	"session": {"id": "s", "started_at": "2026-01-05T10:00:00Z", "client": {"address": "127.0.0.1", "application": "test"}, "usage": {"actions": 0, "rows": 0, "bytes": 0, "affected": 0, "denied": 0}, "state": {}},
	"context": {"time": "2026-01-05T10:30:00Z", "gateway": {"id": "g", "version": "1"}, "bundle": {"revision": "1"}},
}

shell(facts) := object.union(base, {"action": {"stage": "request", "verb": "execute", "operation": "exec", "text": "", "digest": "", "complete": true, "shell": object.union({"operation": "exec", "commands": [], "redirects": [], "complete": true, "reasons": []}, facts)}})

command(name, argv) := {"argv": argv, "name": name, "via": [], "assignments": []}

test_refuses_each_kind_of_forward if {
	every operation in ["forward", "remote_forward", "agent", "x11"] {
		count(no_forwarding.deny) == 1 with input as shell({"operation": operation})
	}
}

test_passes_exec if {
	count(no_forwarding.deny) == 0 with input as shell({})
}
