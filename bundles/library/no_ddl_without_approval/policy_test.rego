package policy.no_ddl_without_approval_test

import data.policy.no_ddl_without_approval

base := {
	"schema": 1,
	"identity": {"subject": "agent-1", "issuer": "https://issuer.example", "kind": "agent", "groups": [], "scopes": [], "claims": {}, "chain": [], "token": {"id": "t", "issued_at": "2026-01-05T10:00:00Z", "expires_at": "2026-01-05T11:00:00Z", "binding": "none"}},
	"resource": {"name": "orders-db", "protocol": "postgres", "labels": {}, "target": {}},
	"session": {"id": "s", "started_at": "2026-01-05T10:00:00Z", "client": {"address": "127.0.0.1", "application": "test"}, "usage": {"actions": 0, "rows": 0, "bytes": 0, "affected": 0, "denied": 0}, "state": {}},
	"context": {"time": "2026-01-05T10:30:00Z", "gateway": {"id": "g", "version": "1"}, "bundle": {"revision": "1"}},
}

statement(kind, verb) := {"kind": kind, "verb": verb, "text": "", "relations": [], "functions": [], "outputs": [], "predicates": [], "where": null, "limit": null, "returning": false, "dynamic": false, "settings": [], "complete": true, "reasons": []}

action(statements) := object.union(base, {"action": {"stage": "request", "verb": "read", "operation": "query", "text": "", "digest": "", "complete": true, "sql": {"statements": statements, "parameters": [], "protocol": "simple"}}})

test_holds_ddl if {
	holds := no_ddl_without_approval.hold with input as action([statement("drop_table", "define")])
	holds == {{"rule": "no_ddl_without_approval.ddl", "reason": "drop_table changes the schema or its rights", "reviewers": ["dba"], "quorum": 1, "expires": "15m"}}
}

test_names_the_configured_reviewers if {
	holds := no_ddl_without_approval.hold with input as action([statement("grant", "grant")]) with data.config.no_ddl_without_approval.reviewers as ["owners"]
	some hold in holds
	hold.reviewers == ["owners"]
}

test_passes_a_read if {
	count(no_ddl_without_approval.hold) == 0 with input as action([statement("select", "read")])
}
