// Where things lie in the kernel's memory. engine/masking/kernel/kernel.ts has the same numbers.

/** The words through which a scan is told and tells. */
export const control: i32 = 0x10000;
/** For each group of triggers, up to where they are judged. */
export const judgedAt: i32 = control + 128;
/** What each look is: what it looks for, the kind of its marks, and two words more for a form. */
export const looksAt: i32 = 0x14000;
/** The place of each byte's class in a row, in bytes. */
export const classesAt: i32 = 0x12000;
/** Sets of bytes that looks of their own kind name. */
export const setsAt: i32 = 0x12400;
/** What was found: four words each. */
export const hitsAt: i32 = 0x18000;
export const hitsMax: i32 = 2048;
/** The bytes that are scanned. */
export const windowAt: i32 = 0x20000;
/** Values that are marked, or to be replaced: where each starts, where it ends, and of which kind it is. */
export const startsAt: i32 = 0x40000;
export const endsAt: i32 = 0x44000;
export const kindsAt: i32 = 0x48000;
export const marksMax: i32 = 4096;
/** What stands for a value of each kind: how many bytes, or -1, and behind 16 bytes the text. */
export const constantsAt: i32 = 0x4c000;
export const constantsMax: i32 = 512;
/** Text with its values replaced. */
export const outAt: i32 = 0x50000;
export const outEnd: i32 = 0x90000;
/** Where escapes stood, two words each: behind the text without them. */
export const splicesAt: i32 = 0x60000;
/** The runs of base64, three words each, and the triggers in what some of them stand for, two words each: the same place. */
export const placesAt: i32 = 0x60000;
export const triggersAt: i32 = 0x6a000;
/** The automaton's rows, to the end of the memory. */
export const tableAt: i32 = 0x90000;

// The words of `control`.
/** The state of the automaton: a row, as bytes from `tableAt`. */
export const stateWord: i32 = 0;
/** The place behind the last byte taken. */
export const atWord: i32 = 4;
/** Groups that are asked, one bit each. */
export const liveWord: i32 = 8;
/** Where the next group is asked again. */
export const againWord: i32 = 12;
/** The next look to be asked about the trigger before the place; -1 for none. */
export const askingWord: i32 = 16;
/** Where the value of an undecided look begins. */
export const undecidedWord: i32 = 20;
/** How many hits there are. */
export const hitsWord: i32 = 24;
/** The class of the byte that leads from the state to one that is not known. */
export const classWord: i32 = 28;
/** A value was found whose end is not known. */
export const waitsWord: i32 = 32;
/** How many bytes stand at `outAt`. */
export const outWord: i32 = 36;
/** Where a run of base64 begins whose end is not here, or -1. */
export const fromWord: i32 = 40;
/** The words that looks write: see `hit.ts`. */
export const startWord: i32 = 44;
export const endWord: i32 = 48;
export const tailWord: i32 = 52;
export const untilWord: i32 = 56;
/** How many values are marked. */
export const marksWord: i32 = 60;
/** Where a value may begin that is marked: behind the last one. */
export const lastWord: i32 = 64;
/** By how much places in the window are higher than those that marks have. */
export const shiftWord: i32 = 68;
/** How many escapes stand at `splicesAt`. */
export const escapesWord: i32 = 72;
