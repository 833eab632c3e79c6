# METADATA
# title: No reading of secrets
# description: Refuses reading Kubernetes Secrets and minting service account tokens.
package policy.no_secrets_read

deny contains {"rule": "no_secrets_read.secret", "message": "secrets are not readable through this gateway"} if {
	input.action.kube.resource == "secrets"
	input.action.kube.group == ""
	input.action.kube.verb in {"get", "list", "watch"}
}

deny contains {"rule": "no_secrets_read.token", "message": "service account tokens are not issued through this gateway"} if {
	input.action.kube.resource == "serviceaccounts"
	input.action.kube.subresource == "token"
}
