# METADATA
# title: SSH command allow list
# description: Allows an SSH command line when every command in it is on the list.
package policy.ssh_command_allow_list

default allowed := {"ls", "cat", "grep", "head", "tail", "wc", "df", "du", "uptime", "ps", "echo", "hostname", "whoami", "id", "uname", "date", "true"}

allowed := {name | some name in data.config.ssh_command_allow_list.commands} if data.config.ssh_command_allow_list.commands

allow if {
	input.resource.protocol == "ssh"
	input.action.verb == "connect"
}

allow if {
	input.resource.protocol == "ssh"
	input.action.shell.operation in {"exec", "line", "scp", "rsync", "git"}
	input.action.complete
	count(input.action.shell.commands) > 0
	every command in input.action.shell.commands {
		command.name in allowed
		count(command.assignments) == 0
	}
	every redirect in input.action.shell.redirects {
		redirect.writes == false
	}
}

deny contains {"rule": "ssh_command_allow_list.command", "message": message} if {
	input.resource.protocol == "ssh"
	input.action.shell.operation in {"exec", "line", "scp", "rsync", "git"}
	some command in input.action.shell.commands
	not command.name in allowed
	message := sprintf("the command %q is not on the list of this host", [command.name])
}

deny contains {"rule": "ssh_command_allow_list.redirect", "message": "the command line writes a file"} if {
	input.resource.protocol == "ssh"
	some redirect in input.action.shell.redirects
	redirect.writes
}
