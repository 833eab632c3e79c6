// Sets of bytes: one bit each in a table of words.

export const digit: i32 = 1;
export const alphanumeric: i32 = 2;
export const word: i32 = 4;
/** What stands before the at sign of an address. */
export const localPart: i32 = 8;
export const domain: i32 = 16;
export const letter: i32 = 32;
/** Hexadecimal digits and the colon. */
export const address: i32 = 64;
/** What stands between the digits of a phone number. */
export const separator: i32 = 128;
export const base64url: i32 = 256;
/** What a password in a URL is made of. */
export const password: i32 = 512;
export const whitespace: i32 = 1024;
/** What the first line behind a PEM label is made of. */
export const pemRun: i32 = 2048;
export const azureSecret: i32 = 4096;
/** What ends a value without quotes. */
export const ending: i32 = 8192;
/** How a JWT goes on. */
export const jwtTail: i32 = 16384;
/** What a key in PEM holds, but for the dash. */
export const pemBody: i32 = 32768;

const table: i32 = i32(memory.data(1024));

function add(bit: i32, members: string): void {
  for (let at = 0; at < members.length; at++) {
    const low = members.charCodeAt(at);
    let high = low;
    if (at + 2 < members.length && members.charCodeAt(at + 1) == 0x2d) {
      high = members.charCodeAt(at + 2);
      at += 2;
    }
    for (let byte = low; byte <= high; byte++) flip(bit, byte);
  }
}

function flip(bit: i32, byte: i32): void {
  store<i32>(table + (byte << 2), load<i32>(table + (byte << 2)) ^ bit);
}

function addOthers(bit: i32, members: string): void {
  for (let byte = 0; byte < 256; byte++) flip(bit, byte);
  add(bit, members);
}

/** Fills the table. */
export function fillSets(): void {
  add(digit, "0-9");
  add(alphanumeric, "A-Za-z0-9");
  add(word, "A-Za-z0-9_");
  add(localPart, "A-Za-z0-9._%+-");
  add(domain, "A-Za-z0-9.-");
  add(letter, "A-Za-z");
  add(address, "0-9A-Fa-f:");
  add(separator, " .()-");
  add(base64url, "A-Za-z0-9_-");
  addOthers(password, " \t\r\n\"'`<>/@?#");
  add(whitespace, " \t\r\n");
  add(pemRun, "A-Za-z0-9+/:=-");
  add(azureSecret, "A-Za-z0-9_~.-");
  add(jwtTail, "A-Za-z0-9_.-");
  add(pemBody, "A-Za-z0-9+/=\r\n\t\\ :,.\"");
  add(ending, " \t\r\n\"'`,;&<>(){}[]|\\");
}

/** Whether a byte is in a set. */
@inline
export function isIn(set: i32, byte: i32): bool {
  return (load<i32>(table + (byte << 2)) & set) != 0;
}

/** Whether the byte at a place is in a set. */
@inline
export function has(set: i32, at: i32): bool {
  return (load<i32>(table + (i32(load<u8>(at)) << 2)) & set) != 0;
}
