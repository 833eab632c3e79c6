package policy.mcp_tools_test

import data.policy.mcp_tools

request(calls) := {"action": {"stage": "request", "complete": true, "http": {"method": "POST", "rpc": calls}}}

call(tool, definition) := {"method": "tools/call", "id": 1, "tool": tool, "definition": definition, "arguments": {}}

settings := {"tools": {"search": "d1"}, "reviewers": ["platform"]}

test_allows_the_tool_that_was_approved if {
	mcp_tools.allow with input as request([call("search", "d1")]) with data.config.mcp_tools as settings
	count(mcp_tools.deny) == 0 with input as request([call("search", "d1")]) with data.config.mcp_tools as settings
	count(mcp_tools.hold) == 0 with input as request([call("search", "d1")]) with data.config.mcp_tools as settings
}

test_holds_a_tool_that_was_redefined_or_never_listed if {
	some definition in ["d2", ""]
	some hold in mcp_tools.hold with input as request([call("search", definition)]) with data.config.mcp_tools as settings
	hold.rule == "mcp_tools.redefined"
	hold.reviewers == ["platform"]
}

test_refuses_a_tool_that_is_not_listed if {
	some deny in mcp_tools.deny with input as request([call("shell", "d1")]) with data.config.mcp_tools as settings
	deny.rule == "mcp_tools.tool"
}

test_one_bad_call_of_a_batch_is_enough if {
	count(mcp_tools.deny) == 1 with input as request([call("search", "d1"), call("shell", "")]) with data.config.mcp_tools as settings
}

test_other_calls_are_allowed if {
	mcp_tools.allow with input as request([{"method": "tools/list", "id": 1, "tool": "", "definition": "", "arguments": null}]) with data.config.mcp_tools as settings
}

listed(tool) := {"method": "tools/list", "id": null, "tool": tool, "definition": "d1", "arguments": null}

test_a_tool_that_is_not_listed_is_hidden if {
	some deny in mcp_tools.deny with input as request([listed("shell")]) with data.config.mcp_tools as settings
	deny.rule == "mcp_tools.tool"
	count(mcp_tools.deny) == 0 with input as request([listed("search")]) with data.config.mcp_tools as settings
}
