package policy.pii_masking_test

import data.policy.pii_masking

base := {
	"schema": 1,
	"identity": {"subject": "agent-1", "issuer": "https://issuer.example", "kind": "agent", "groups": [], "scopes": [], "claims": {}, "chain": [], "token": {"id": "t", "issued_at": "2026-01-05T10:00:00Z", "expires_at": "2026-01-05T11:00:00Z", "binding": "none"}},
	"resource": {"name": "orders-db", "protocol": "ssh", "labels": {}, "target": {}},
	"session": {"id": "s", "started_at": "2026-01-05T10:00:00Z", "client": {"address": "127.0.0.1", "application": "test"}, "usage": {"actions": 0, "rows": 0, "bytes": 0, "affected": 0, "denied": 0}, "state": {}},
	"context": {"time": "2026-01-05T10:30:00Z", "gateway": {"id": "g", "version": "1"}, "bundle": {"revision": "1"}},
}

shell(facts) := object.union(base, {"action": {"stage": "request", "verb": "execute", "operation": "exec", "text": "", "digest": "", "complete": true, "shell": object.union({"operation": "exec", "commands": [], "redirects": [], "complete": true, "reasons": []}, facts)}})

command(name, argv) := {"argv": argv, "name": name, "via": [], "assignments": []}

test_masks_configured_columns if {
	masks := pii_masking.mask with input as object.union(shell({}), {"resource": {"protocol": "postgres"}}) with data.config.pii_masking.columns as {"public.cards.number": "last4"}
	masks == {{"column": "public.cards.number", "with": "last4"}}
}

test_masks_text_by_detectors if {
	masks := pii_masking.mask with input as shell({})
	masks == {{"detect": "credit_card", "with": "last4"}, {"detect": "iban", "with": "redact"}, {"detect": "email", "with": "partial"}}
}

test_masks_columns_of_databases_only if {
	masks := pii_masking.mask with input as shell({}) with data.config.pii_masking.columns as {"public.cards.number": "last4"}
	every mask in masks { mask.detect }
}

test_masks_configured_json_paths if {
	masks := pii_masking.mask with input as object.union(shell({}), {"resource": {"protocol": "http"}}) with data.config.pii_masking.json as {"$.customers[*].email": "partial"}
	{"json": "$.customers[*].email", "with": "partial"} in masks
}

test_shows_everything_to_exempt_groups if {
	count(pii_masking.mask) == 0 with input as object.union(shell({}), {"identity": {"groups": ["fraud"]}}) with data.config.pii_masking.exempt_groups as ["fraud"]
}
