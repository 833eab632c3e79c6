package policy.exec_allow_list_test

import data.policy.exec_allow_list

base := {
	"schema": 1,
	"identity": {"subject": "agent-1", "issuer": "https://issuer.example", "kind": "agent", "groups": [], "scopes": [], "claims": {}, "chain": [], "token": {"id": "t", "issued_at": "2026-01-05T10:00:00Z", "expires_at": "2026-01-05T11:00:00Z", "binding": "none"}},
	"resource": {"name": "orders-db", "protocol": "kubernetes", "labels": {}, "target": {}},
	"session": {"id": "s", "started_at": "2026-01-05T10:00:00Z", "client": {"address": "127.0.0.1", "application": "test"}, "usage": {"actions": 0, "rows": 0, "bytes": 0, "affected": 0, "denied": 0}, "state": {}},
	"context": {"time": "2026-01-05T10:30:00Z", "gateway": {"id": "g", "version": "1"}, "bundle": {"revision": "1"}},
}

kube(facts) := object.union(base, {"action": {"stage": "request", "verb": "read", "operation": "", "text": "", "digest": "", "complete": true, "kube": object.union({"verb": "get", "group": "", "version": "v1", "resource": "pods", "subresource": "", "namespace": "default", "name": "p", "path": "", "resource_request": true, "dry_run": false, "field_manager": "", "selectors": {"label": "", "field": ""}, "propagation": "", "patch_type": "", "impersonate": {"user": "", "groups": []}, "body": {"kind": "none", "object": null, "complete": true}, "complete": true, "reasons": []}, facts)}})

exec(name, tty) := kube({"verb": "create", "subresource": "exec", "exec": {"container": "c", "command": [name], "tty": tty, "stdin": false, "shell": {"operation": "exec", "commands": [{"argv": [name], "name": name, "via": [], "assignments": []}], "redirects": [], "complete": true, "reasons": []}}})

test_allows_a_listed_command if {
	exec_allow_list.allow with input as exec("ls", false)
	count(exec_allow_list.deny) == 0 with input as exec("ls", false)
}

test_refuses_unlisted_commands_and_terminals if {
	count(exec_allow_list.deny) == 1 with input as exec("sh", false)
	count(exec_allow_list.deny) == 2 with input as exec("sh", true)
	not exec_allow_list.allow with input as exec("ls", true)
}
