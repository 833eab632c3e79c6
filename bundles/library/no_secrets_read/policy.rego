# METADATA
# title: No reading of secrets
# description: Refuses every request whose answer holds Kubernetes Secrets, and minting service account tokens.
package policy.no_secrets_read

reading := {"get", "list", "watch"}

# The API server answers these with the object as it then stands: an empty patch reads as well as a get.
answering := {"update", "patch", "delete", "deletecollection"}

is_secret if {
	input.action.kube.resource == "secrets"
	input.action.kube.group == ""
}

deny contains {"rule": "no_secrets_read.secret", "message": "secrets are not readable through this gateway"} if {
	is_secret
	input.action.kube.verb in reading
}

deny contains {"rule": "no_secrets_read.answer", "message": message} if {
	is_secret
	input.action.kube.verb in answering
	message := sprintf("the answer to %s would show the secret", [input.action.kube.verb])
}

deny contains {"rule": "no_secrets_read.token", "message": "service account tokens are not issued through this gateway"} if {
	input.action.kube.resource == "serviceaccounts"
	input.action.kube.subresource == "token"
}
