package policy.no_secrets_read_test

import data.policy.no_secrets_read

base := {
	"schema": 1,
	"identity": {"subject": "agent-1", "issuer": "https://issuer.example", "kind": "agent", "groups": [], "scopes": [], "claims": {}, "chain": [], "token": {"id": "t", "issued_at": "2026-01-05T10:00:00Z", "expires_at": "2026-01-05T11:00:00Z", "binding": "none"}},
	"resource": {"name": "orders-db", "protocol": "kubernetes", "labels": {}, "target": {}},
	"session": {"id": "s", "started_at": "2026-01-05T10:00:00Z", "client": {"address": "127.0.0.1", "application": "test"}, "usage": {"actions": 0, "rows": 0, "bytes": 0, "affected": 0, "denied": 0}, "state": {}},
	"context": {"time": "2026-01-05T10:30:00Z", "gateway": {"id": "g", "version": "1"}, "bundle": {"revision": "1"}},
}

kube(facts) := object.union(base, {"action": {"stage": "request", "verb": "read", "operation": "", "text": "", "digest": "", "complete": true, "kube": object.union({"verb": "get", "group": "", "version": "v1", "resource": "pods", "subresource": "", "namespace": "default", "name": "p", "path": "", "resource_request": true, "dry_run": false, "field_manager": "", "selectors": {"label": "", "field": ""}, "propagation": "", "patch_type": "", "impersonate": {"user": "", "groups": []}, "body": {"kind": "none", "object": null, "complete": true}, "complete": true, "reasons": []}, facts)}})

test_refuses_reading_secrets_and_minting_tokens if {
	count(no_secrets_read.deny) == 1 with input as kube({"resource": "secrets", "verb": "list"})
	count(no_secrets_read.deny) == 1 with input as kube({"resource": "serviceaccounts", "subresource": "token", "verb": "create"})
}

test_refuses_verbs_whose_answer_is_the_secret if {
	some verb in ["patch", "update", "delete", "deletecollection"]
	count(no_secrets_read.deny) == 1 with input as kube({"resource": "secrets", "verb": verb})
}

test_passes_creating_a_secret if {
	count(no_secrets_read.deny) == 0 with input as kube({"resource": "secrets", "verb": "create"})
}

test_passes_other_reads if {
	count(no_secrets_read.deny) == 0 with input as kube({"resource": "configmaps"})
}
