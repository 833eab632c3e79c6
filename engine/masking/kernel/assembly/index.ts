// The kernel of the streaming matcher: the automaton and the looks of the built-in detectors.
import { fillAccounts } from './accounts'
import { fillCards } from './cards'
import { fillSets } from './sets'
import { fillTokens } from './tokens'
import { fillWords } from './words'

export { replace } from "./replace";
export { findRuns, isQuiet } from "./runs";
export { judgeGroup, scan } from './scan'

fillSets()
fillWords()
fillCards()
fillAccounts()
fillTokens()
