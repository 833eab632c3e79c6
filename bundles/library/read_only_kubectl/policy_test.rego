package policy.read_only_kubectl_test

import data.policy.read_only_kubectl

base := {
	"schema": 1,
	"identity": {"subject": "agent-1", "issuer": "https://issuer.example", "kind": "agent", "groups": [], "scopes": [], "claims": {}, "chain": [], "token": {"id": "t", "issued_at": "2026-01-05T10:00:00Z", "expires_at": "2026-01-05T11:00:00Z", "binding": "none"}},
	"resource": {"name": "orders-db", "protocol": "kubernetes", "labels": {}, "target": {}},
	"session": {"id": "s", "started_at": "2026-01-05T10:00:00Z", "client": {"address": "127.0.0.1", "application": "test"}, "usage": {"actions": 0, "rows": 0, "bytes": 0, "affected": 0, "denied": 0}, "state": {}},
	"context": {"time": "2026-01-05T10:30:00Z", "gateway": {"id": "g", "version": "1"}, "bundle": {"revision": "1"}},
}

kube(facts) := object.union(base, {"action": {"stage": "request", "verb": "read", "operation": "", "text": "", "digest": "", "complete": true, "kube": object.union({"verb": "get", "group": "", "version": "v1", "resource": "pods", "subresource": "", "namespace": "default", "name": "p", "path": "", "resource_request": true, "dry_run": false, "field_manager": "", "selectors": {"label": "", "field": ""}, "propagation": "", "patch_type": "", "impersonate": {"user": "", "groups": []}, "body": {"kind": "none", "object": null, "complete": true}, "complete": true, "reasons": []}, facts)}})

test_allows_get_and_discovery if {
	read_only_kubectl.allow with input as kube({})
	read_only_kubectl.allow with input as kube({"resource_request": false, "path": "/api", "resource": ""})
	count(read_only_kubectl.deny) == 0 with input as kube({"verb": "watch"})
}

test_refuses_changes_and_interactive_subresources if {
	count(read_only_kubectl.deny) == 1 with input as kube({"verb": "delete"})
	count(read_only_kubectl.deny) == 1 with input as kube({"verb": "get", "subresource": "exec"})
	not read_only_kubectl.allow with input as kube({"verb": "get", "resource": "nodes", "subresource": "proxy"})
}
