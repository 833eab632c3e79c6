package policy.ssh_command_allow_list_test

import data.policy.ssh_command_allow_list

base := {
	"schema": 1,
	"identity": {"subject": "agent-1", "issuer": "https://issuer.example", "kind": "agent", "groups": [], "scopes": [], "claims": {}, "chain": [], "token": {"id": "t", "issued_at": "2026-01-05T10:00:00Z", "expires_at": "2026-01-05T11:00:00Z", "binding": "none"}},
	"resource": {"name": "orders-db", "protocol": "ssh", "labels": {}, "target": {}},
	"session": {"id": "s", "started_at": "2026-01-05T10:00:00Z", "client": {"address": "127.0.0.1", "application": "test"}, "usage": {"actions": 0, "rows": 0, "bytes": 0, "affected": 0, "denied": 0}, "state": {}},
	"context": {"time": "2026-01-05T10:30:00Z", "gateway": {"id": "g", "version": "1"}, "bundle": {"revision": "1"}},
}

shell(facts) := object.union(base, {"action": {"stage": "request", "verb": "execute", "operation": "exec", "text": "", "digest": "", "complete": true, "shell": object.union({"operation": "exec", "commands": [], "redirects": [], "complete": true, "reasons": []}, facts)}})

command(name, argv) := {"argv": argv, "name": name, "via": [], "assignments": []}

test_allows_listed_commands if {
	line := shell({"commands": [command("cat", ["cat", "/etc/hostname"]), command("wc", ["wc", "-l"])]})
	ssh_command_allow_list.allow with input as line
	count(ssh_command_allow_list.deny) == 0 with input as line
}

test_refuses_a_line_with_one_unlisted_command if {
	line := shell({"commands": [command("cat", ["cat", "x"]), command("sh", ["sh"])]})
	not ssh_command_allow_list.allow with input as line
	count(ssh_command_allow_list.deny) == 1 with input as line
}

test_refuses_writing_redirections if {
	line := shell({"commands": [command("echo", ["echo", "x"])], "redirects": [{"operator": ">", "target": "f", "writes": true}]})
	not ssh_command_allow_list.allow with input as line
	count(ssh_command_allow_list.deny) == 1 with input as line
}

test_refuses_an_incomplete_line if {
	line := object.union(shell({"commands": [command("cat", ["cat"])]}), {"action": {"complete": false}})
	not ssh_command_allow_list.allow with input as line
}

test_refuses_a_transfer_that_is_not_listed if {
	line := shell({"operation": "rsync", "commands": [command("rsync", ["rsync", "--server", "-r", ".", "x"])], "file": {"verb": "write", "path": "x"}})
	not ssh_command_allow_list.allow with input as line
	count(ssh_command_allow_list.deny) == 1 with input as line
}
