package policy.business_hours_test

import data.policy.business_hours

base := {
	"schema": 1,
	"identity": {"subject": "agent-1", "issuer": "https://issuer.example", "kind": "agent", "groups": [], "scopes": [], "claims": {}, "chain": [], "token": {"id": "t", "issued_at": "2026-01-05T10:00:00Z", "expires_at": "2026-01-05T11:00:00Z", "binding": "none"}},
	"resource": {"name": "orders-db", "protocol": "postgres", "labels": {}, "target": {}},
	"session": {"id": "s", "started_at": "2026-01-05T10:00:00Z", "client": {"address": "127.0.0.1", "application": "test"}, "usage": {"actions": 0, "rows": 0, "bytes": 0, "affected": 0, "denied": 0}, "state": {}},
	"context": {"time": "2026-01-05T10:30:00Z", "gateway": {"id": "g", "version": "1"}, "bundle": {"revision": "1"}},
}

statement(kind, verb) := {"kind": kind, "verb": verb, "text": "", "relations": [], "functions": [], "outputs": [], "predicates": [], "where": null, "limit": null, "returning": false, "dynamic": false, "settings": [], "complete": true, "reasons": []}

action(statements) := object.union(base, {"action": {"stage": "request", "verb": "read", "operation": "query", "text": "", "digest": "", "complete": true, "sql": {"statements": statements, "parameters": [], "protocol": "simple"}}})

at(moment, verb) := object.union(action([]), {"context": {"time": moment}, "action": {"verb": verb}})

test_holds_changes_at_night_and_on_sundays if {
	count(business_hours.hold) == 1 with input as at("2026-01-05T03:00:00Z", "write")
	count(business_hours.hold) == 1 with input as at("2026-01-04T12:00:00Z", "write")
}

test_passes_changes_by_day_and_reads_at_night if {
	count(business_hours.hold) == 0 with input as at("2026-01-05T10:00:00Z", "write")
	count(business_hours.hold) == 0 with input as at("2026-01-05T03:00:00Z", "read")
}

test_reads_the_hour_in_the_configured_zone if {
	count(business_hours.hold) == 0 with input as at("2026-01-05T03:00:00Z", "write") with data.config.business_hours.zone as "Asia/Tokyo"
}
