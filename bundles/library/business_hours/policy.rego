# METADATA
# title: Business hours
# description: Holds changes outside working hours.
package policy.business_hours

default zone := "UTC"

zone := data.config.business_hours.zone

default from_hour := 8

from_hour := data.config.business_hours.from

default to_hour := 18

to_hour := data.config.business_hours.to

changing := {"write", "define", "grant", "admin"}

now := time.parse_rfc3339_ns(input.context.time)

open if {
	not time.weekday([now, zone]) in {"Saturday", "Sunday"}
	[hour, _, _] := time.clock([now, zone])
	hour >= from_hour
	hour < to_hour
}

hold contains {"rule": "business_hours.closed", "reason": "changes outside working hours need a person", "reviewers": reviewers, "quorum": 1, "expires": "30m"} if {
	input.action.verb in changing
	not open
}

default reviewers := ["on-call"]

reviewers := data.config.business_hours.reviewers
