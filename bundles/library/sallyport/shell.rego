# METADATA
# title: Facts about SSH actions and command lines
package sallyport.shell

# METADATA
# description: every command that the line runs, wrappers and substitutions included
commands contains command if some command in input.action.shell.commands

# METADATA
# description: names of the commands, without their folders
names contains command.name if some command in commands

# METADATA
# description: true when a word of some command is not known before it runs
unknown_words if {
	some command in commands
	some word in command.argv
	word == null
}

# METADATA
# description: files that redirections write
written contains redirect.target if {
	some redirect in input.action.shell.redirects
	redirect.writes
}
