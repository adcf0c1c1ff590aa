/** Colours for a terminal, or none. */

export type Colour = 'RED' | 'GREEN' | 'YELLOW' | 'CYAN' | 'DIM';

/** Gives a text its colour. Pad before: the escape sequences have a length and no width. */
export type Paint = (colour: Colour, text: string) => string;

const SGR: Readonly<Record<Colour, number>> = { RED: 31, GREEN: 32, YELLOW: 33, CYAN: 36, DIM: 2 };

/** Leaves every text as it is: for files, pipes and `NO_COLOR`. */
export const PLAIN: Paint = (_colour, text) => text;

export const COLOURED: Paint = (colour, text) => `\u001b[${SGR[colour]}m${text}\u001b[0m`;
