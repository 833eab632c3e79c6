# METADATA
# title: Facts about HTTP actions
package sallyport.http

# METADATA
# description: "methods that change nothing by their definition (RFC 9110 9.2.1)"
safe_methods := {"GET", "HEAD", "OPTIONS", "TRACE"}

# METADATA
# description: true for requests with a safe method
safe if input.action.http.method in safe_methods

# METADATA
# description: the decoded path as one text
path := concat("/", array.concat([""], input.action.http.path))

# METADATA
# description: names of the MCP tools that the request calls
tools contains call.tool if {
	some call in input.action.http.rpc
	call.method == "tools/call"
}

# METADATA
# description: "GraphQL fields asked for, as `type:path`"
graphql_fields contains concat(":", [operation.type, field]) if {
	some operation in input.action.http.graphql
	some field in operation.fields
}
