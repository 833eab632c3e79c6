// The kernel of the streaming matcher: the automaton and the looks of the built-in detectors.
import { fillAccounts } from './accounts'
import { fillCards } from './cards'
import { fillEscapes } from './escapes'
import { fillSets } from './sets'
import { fillSplats } from './splats'
import { fillTokens } from './tokens'
import { fillWords } from './words'

export { beginRuns, judgeRuns, tellRun } from './decoded'
export { decode } from "./escapes";
export { replace } from "./replace";
export { findRuns } from "./runs";
export { judgeGroup, scan } from './scan'

fillSets()
fillSplats()
fillWords()
fillCards()
fillAccounts()
fillTokens()
fillEscapes()
// Exported so that the compiler leaves them functions of their own: put together, they would want more registers than there are.
export { iban } from "./accounts";
export { email, ipv4, ipv6 } from "./addresses";
export { card } from "./cards";
export { international, northAmerican, ssn } from "./numbers";
export { userinfo, value } from "./secrets";
export { azure, formed, jwt, pem } from "./tokens";
