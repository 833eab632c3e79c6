# METADATA
# title: Response guard
# description: Keeps what answers of APIs say of the inside from agents; redirects lead to known places only.
package policy.response_guard

default redirect_hosts := []

redirect_hosts := data.config.response_guard.redirect_hosts

default hidden_headers := ["server", "via", "x-aspnet-version", "x-powered-by"]

hidden_headers := data.config.response_guard.hidden_headers

response := input.action.http.response

response_deny contains {"rule": "response_guard.redirect", "message": message} if {
	some redirect in response.redirects
	not leads_to_known(redirect)
	message := sprintf("the answer leads to %q, which is not a place that redirects may lead to", [redirect.target])
}

leads_to_known(redirect) if {
	redirect.readable
	redirect.same_authority
}

leads_to_known(redirect) if {
	redirect.readable
	redirect.scheme == "https"
	redirect.authority in redirect_hosts
}

# What a server says when it breaks is for those who run it.
response_deny contains {"rule": "response_guard.failed", "message": "the API has failed; what it said is not shown"} if {
	response.status >= 500
}

response_deny contains {"rule": "response_guard.type", "message": message} if {
	some types in [data.config.response_guard.types]
	response.bytes != 0
	not response.type in types
	message := sprintf("answers of the type %q are not shown", [response.type])
}

response_limit contains {"bytes": bytes} if bytes := data.config.response_guard.bytes

response_header contains {"name": name, "remove": true} if some name in hidden_headers

response_header contains {"name": "x-content-type-options", "value": "nosniff"}
