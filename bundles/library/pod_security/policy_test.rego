package policy.pod_security_test

import data.policy.pod_security

base := {
	"schema": 1,
	"identity": {"subject": "agent-1", "issuer": "https://issuer.example", "kind": "agent", "groups": [], "scopes": [], "claims": {}, "chain": [], "token": {"id": "t", "issued_at": "2026-01-05T10:00:00Z", "expires_at": "2026-01-05T11:00:00Z", "binding": "none"}},
	"resource": {"name": "orders-db", "protocol": "kubernetes", "labels": {}, "target": {}},
	"session": {"id": "s", "started_at": "2026-01-05T10:00:00Z", "client": {"address": "127.0.0.1", "application": "test"}, "usage": {"actions": 0, "rows": 0, "bytes": 0, "affected": 0, "denied": 0}, "state": {}},
	"context": {"time": "2026-01-05T10:30:00Z", "gateway": {"id": "g", "version": "1"}, "bundle": {"revision": "1"}},
}

kube(facts) := object.union(base, {"action": {"stage": "request", "verb": "read", "operation": "", "text": "", "digest": "", "complete": true, "kube": object.union({"verb": "get", "group": "", "version": "v1", "resource": "pods", "subresource": "", "namespace": "default", "name": "p", "path": "", "resource_request": true, "dry_run": false, "field_manager": "", "selectors": {"label": "", "field": ""}, "propagation": "", "patch_type": "", "impersonate": {"user": "", "groups": []}, "body": {"kind": "none", "object": null, "complete": true}, "complete": true, "reasons": []}, facts)}})

harmless := {"images": ["registry.example/app:1"], "host_network": false, "host_pid": false, "host_ipc": false, "host_paths": [], "host_ports": [], "privileged": false, "privilege_escalation": false, "capabilities": [], "run_as_root": false, "secrets": {"env": [], "volumes": ["tls"]}, "volume_kinds": ["secret"], "service_accounts": [], "nodes": []}

create(pod) := kube({"verb": "create", "pod": object.union(harmless, pod)})

test_passes_a_harmless_pod if {
	count(pod_security.deny) == 0 with input as create({})
	count(pod_security.deny) == 0 with input as kube({})
}

test_refuses_each_reach_for_the_node if {
	every change in [{"privileged": true}, {"privilege_escalation": true}, {"run_as_root": true}, {"host_network": true}, {"host_pid": true}, {"host_ipc": true}, {"host_paths": ["/"]}, {"host_ports": [80]}, {"capabilities": ["SYS_ADMIN"]}, {"secrets": {"env": ["db"], "volumes": []}}, {"nodes": ["n1"]}] {
		count(pod_security.deny) == 1 with input as create(change)
	}
}

test_refuses_images_from_elsewhere if {
	config := {"pod_security": {"images": ["registry.example/"]}}
	count(pod_security.deny) == 0 with input as create({}) with data.config as config
	count(pod_security.deny) == 1 with input as create({"images": ["evil/app"]}) with data.config as config
}

test_refuses_kinds_of_volumes_that_are_not_listed if {
	config := {"pod_security": {"volumes": ["configMap", "secret"]}}
	count(pod_security.deny) == 0 with input as create({}) with data.config as config
	count(pod_security.deny) == 0 with input as create({"volume_kinds": ["csi"]})
	count(pod_security.deny) == 1 with input as create({"volume_kinds": ["csi", "secret"]}) with data.config as config
}

test_refuses_a_body_that_cannot_be_read if {
	count(pod_security.deny) == 1 with input as kube({"verb": "create", "body": {"kind": "protobuf", "object": null, "complete": false}})
}
