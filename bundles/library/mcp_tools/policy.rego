# METADATA
# title: MCP tools
# description: Allows calls of listed MCP tools and hides others; holds a tool that is not, or is no longer, the one that was approved.
package policy.mcp_tools

default tools := {}

tools := data.config.mcp_tools.tools

default reviewers := ["security"]

reviewers := data.config.mcp_tools.reviewers

is_mcp if count(input.action.http.rpc) > 0

allow if {
	is_mcp
	input.action.complete
}

names_tool(call) if call.method == "tools/call"

# Each tool of a list is asked about by its name; one that is refused is not shown.
names_tool(call) if {
	call.method == "tools/list"
	call.tool != ""
}

deny contains {"rule": "mcp_tools.tool", "message": message} if {
	some call in input.action.http.rpc
	names_tool(call)
	not tools[call.tool]
	message := sprintf("the tool %q may not be called", [call.tool])
}

hold contains {"rule": "mcp_tools.redefined", "reason": reason, "reviewers": reviewers} if {
	some call in input.action.http.rpc
	call.method == "tools/call"
	approved := tools[call.tool]
	call.definition != approved
	reason := sprintf("the definition of the tool %q is not the one that was approved", [call.tool])
}
