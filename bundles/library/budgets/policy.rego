# METADATA
# title: Budgets
# description: Limits rows and bytes of an action and refuses sessions that have used up theirs.
package policy.budgets

default action_rows := 10000

action_rows := data.config.budgets.action.rows

default action_bytes := 67108864

action_bytes := data.config.budgets.action.bytes

default session_rows := 100000

session_rows := data.config.budgets.session.rows

default session_denied := 100

session_denied := data.config.budgets.session.denied

limit contains {"rows": action_rows, "bytes": action_bytes}

deny contains {"rule": "budgets.rows", "message": message} if {
	input.session.usage.rows >= session_rows
	message := sprintf("the session has read %d rows, at most %d are allowed", [input.session.usage.rows, session_rows])
}

deny contains {"rule": "budgets.denied", "message": "the session was refused too often"} if {
	input.session.usage.denied >= session_denied
}
