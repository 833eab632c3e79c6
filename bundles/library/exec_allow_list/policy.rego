# METADATA
# title: Exec allow list
# description: Allows kubectl exec of listed commands; refuses terminals, attach and everything unlisted.
package policy.exec_allow_list

default allowed := {"ls", "cat", "env", "ps", "df", "printenv", "date"}

allowed := {name | some name in data.config.exec_allow_list.commands} if data.config.exec_allow_list.commands

is_exec if {
	input.action.kube.resource == "pods"
	input.action.kube.subresource in {"exec", "attach"}
}

allow if {
	is_exec
	input.action.kube.subresource == "exec"
	input.action.complete
	input.action.kube.exec.tty == false
	count(input.action.kube.exec.shell.commands) > 0
	every command in input.action.kube.exec.shell.commands {
		command.name in allowed
	}
}

deny contains {"rule": "exec_allow_list.command", "message": message} if {
	is_exec
	some command in input.action.kube.exec.shell.commands
	not command.name in allowed
	message := sprintf("the command %q may not run in a pod", [command.name])
}

deny contains {"rule": "exec_allow_list.interactive", "message": "interactive sessions in pods are refused"} if {
	is_exec
	input.action.kube.exec.tty
}

deny contains {"rule": "exec_allow_list.attach", "message": "attach is refused"} if {
	is_exec
	input.action.kube.subresource == "attach"
}
