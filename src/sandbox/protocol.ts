/** What the program and the script process say to each other, and the frames in which they say it. */

import type { ScriptKind, ScriptTrial } from '../model/scripts.ts';

export type { ScriptKind };

/** A script that is ready to run: `name` is the admin's file name, `code` one expression that gives its function. */
export interface CompiledScript {
  readonly kind: ScriptKind;
  readonly name: string;
  readonly code: string;
}

/** Attributes, in lower case, that no directory holds and that cost a search: worked out only for scripts that name them. */
export const WORKED_OUT: readonly string[] = ['memberofall'];

export interface SandboxLimits {
  /** For the three scripts of one user together, and for loading them. */
  readonly timeoutMs: number;
  /** Of the isolate in which all users are judged. */
  readonly memoryLimitMb: number;
}

/** The first message to the script process. */
export interface LoadMessage {
  readonly scripts: readonly CompiledScript[];
  /** Attributes of {@link WORKED_OUT} that no script names: entries come without them. */
  readonly unnamed: readonly string[];
  /** Attributes that users of a partial batch come with. */
  readonly reads: readonly string[];
  readonly limits: SandboxLimits;
  /** What the scripts take for now, in milliseconds since 1970: their clock stands still. `null` or absent: the real time. */
  readonly clockMs?: number | null;
}

/** One user on the wire: DN and attributes. Kept flat, because this is most of what crosses the pipe. */
export type WireEntry = readonly [dn: string, attributes: Readonly<Record<string, readonly string[]>>];

/** A batch on the wire. `partial`: of each user only the attributes that the scripts were known to look at. */
export type WireBatch = readonly [partial: boolean, users: readonly WireEntry[]];

/** One answer on the wire: the decision, the reason why there is none, or `null`: a script looked at what was left out. */
export type WireAnswer =
  readonly [active: boolean, org: string | null, roles: readonly string[] | null] | string | null;

/** The judgements of some users of a batch, in order; `stopped` counts users who had to be stopped or spoiled the isolate. */
export interface AnswersMessage {
  readonly answers: readonly WireAnswer[];
  readonly prints: readonly string[];
  /** The isolate can no longer be trusted: start another one for the users that follow. */
  readonly spoiled: boolean;
  /** How many of `answers` are failures for time or for a spoiled isolate, as opposed to scripts that threw. */
  readonly stopped: number;
}

/** What a trial of the three scripts on one user gave; a script that was stopped in a way that ends the process is missing. */
export interface TrialsMessage {
  readonly trials: readonly ScriptTrial[];
}

/** One byte before each payload. All payloads are JSON in UTF-8. */
export const FRAME = {
  /** To the child: {@link LoadMessage}. */
  LOAD: 1,
  /** To the child: {@link WireBatch}, to be judged in chunks. */
  BATCH: 2,
  /** To the child: the same, each user in a call and an answer of its own. */
  BATCH_ALONE: 3,
  /** To the parent: the scripts are loaded; {@link AnswersMessage} with what they printed. */
  READY: 4,
  /** To the parent: the scripts cannot be loaded; the reason as a JSON string. */
  REFUSED: 5,
  /** To the parent: {@link AnswersMessage}. */
  ANSWERS: 6,
  /** To the parent: the isolate is gone, because it used too much memory. */
  OUT_OF_MEMORY: 7,
  /** To the parent: the isolate is there and the scripts come next; `null`. */
  STARTED: 8,
  /** To the child: an array of one {@link WireEntry}, to be tried with each script by itself. */
  TRY: 9,
  /** To the parent: {@link TrialsMessage}. */
  TRIED: 10,
} as const;

export type FrameType = (typeof FRAME)[keyof typeof FRAME];

const HEADER_BYTES = 5;

/** A frame: length of the payload (4 bytes, little endian), type (1 byte), payload. */
export function encodeFrame(type: FrameType, json: string): Buffer {
  const length = Buffer.byteLength(json, 'utf8');
  const frame = Buffer.allocUnsafe(HEADER_BYTES + length);
  frame.writeUInt32LE(length, 0);
  frame.writeUInt8(type, 4);
  frame.write(json, HEADER_BYTES, 'utf8');
  return frame;
}

/**
 * Puts the pieces of a byte stream together again and hands on each whole frame.
 *
 * Returns the function to feed. It throws a RangeError for a frame longer than `maxBytes`: the other side is broken.
 */
export function frameReader(
  maxBytes: number,
  onFrame: (type: number, json: string) => void,
): (piece: Buffer) => void {
  let pieces: Buffer[] = [];
  let held = 0;
  let wanted = HEADER_BYTES;
  return (piece) => {
    pieces.push(piece);
    held += piece.length;
    // Pieces are joined only when a whole frame is there, so that a long frame is not copied again for each piece.
    while (held >= wanted) {
      const bytes = pieces.length === 1 ? (pieces[0] ?? piece) : Buffer.concat(pieces);
      const length = bytes.readUInt32LE(0);
      if (length > maxBytes) throw new RangeError(`a frame of ${length} bytes`);
      const end = HEADER_BYTES + length;
      if (held < end) {
        pieces = [bytes];
        wanted = end;
        return;
      }
      pieces = [bytes.subarray(end)];
      held -= end;
      wanted = HEADER_BYTES;
      onFrame(bytes.readUInt8(4), bytes.toString('utf8', HEADER_BYTES, end));
    }
  };
}
