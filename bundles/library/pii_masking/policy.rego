# METADATA
# title: PII masking
# description: Masks configured columns and everything that looks like a card, IBAN or e-mail address in text.
package policy.pii_masking

mask contains {"column": column, "with": strategy} if {
	not exempt
	input.resource.protocol == "postgres"
	some column, strategy in data.config.pii_masking.columns
}

mask contains {"detect": detector, "with": strategy} if {
	not exempt
	input.resource.protocol in {"ssh", "kubernetes", "http"}
	some detector, strategy in detectors
}

mask contains {"json": path, "with": strategy} if {
	not exempt
	input.resource.protocol in {"kubernetes", "http"}
	some path, strategy in data.config.pii_masking.json
}

default detectors := {"credit_card": "last4", "iban": "redact", "email": "partial"}

detectors := data.config.pii_masking.detectors

exempt if {
	some group in input.identity.groups
	group in data.config.pii_masking.exempt_groups
}
