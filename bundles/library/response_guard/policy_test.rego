package policy.response_guard_test

import data.policy.response_guard

answer(fields) := {"action": {"stage": "response", "http": {"response": object.union(
	{"status": 200, "type": "application/json", "bytes": 10, "redirects": []},
	fields,
)}}}

redirect(authority, same) := {
	"by": "location",
	"target": concat("", ["https://", authority, "/"]),
	"scheme": "https",
	"authority": authority,
	"same_authority": same,
	"readable": true,
}

test_shows_an_answer_without_what_names_the_server if {
	count(response_guard.response_deny) == 0 with input as answer({})
	some header in response_guard.response_header with input as answer({})
	header == {"name": "server", "remove": true}
}

test_refuses_what_a_broken_server_says if {
	some deny in response_guard.response_deny with input as answer({"status": 503})
	deny.rule == "response_guard.failed"
	count(response_guard.response_deny) == 0 with input as answer({"status": 404})
}

test_redirects_lead_to_the_same_server_or_a_listed_one if {
	settings := {"redirect_hosts": ["login.example"]}
	some same in [redirect("api.example", true), redirect("login.example", false)]
	count(response_guard.response_deny) == 0 with input as answer({"status": 302, "redirects": [same]})
		with data.config.response_guard as settings
	some deny in response_guard.response_deny with input as answer({"redirects": [redirect("evil.example", false)]})
		with data.config.response_guard as settings
	deny.rule == "response_guard.redirect"
}

test_a_redirect_that_can_be_read_two_ways_is_refused if {
	unreadable := object.union(redirect("api.example", true), {"readable": false})
	some deny in response_guard.response_deny with input as answer({"status": 302, "redirects": [unreadable]})
	deny.rule == "response_guard.redirect"
}

test_types_are_limited_where_some_are_listed if {
	settings := {"types": ["application/json"]}
	count(response_guard.response_deny) == 0 with input as answer({}) with data.config.response_guard as settings
	some deny in response_guard.response_deny with input as answer({"type": "text/html"})
		with data.config.response_guard as settings
	deny.rule == "response_guard.type"
	count(response_guard.response_deny) == 0 with input as answer({"type": "", "bytes": 0})
		with data.config.response_guard as settings
}

test_bytes_are_limited_where_a_number_is_given if {
	some limit in response_guard.response_limit with input as answer({}) with data.config.response_guard as {"bytes": 100}
	limit.bytes == 100
}
