/** `c42uds help properties [NAME]`: the table of properties in a terminal. */

import { nearestName } from '../config/nearest-name.ts';
import { OPTIONS } from '../config/options.ts';
import type { Option, OptionKey } from '../config/options.ts';
import { RunError } from '../model/errors.ts';

const WIDTH = 100;
const KEYS = Object.keys(OPTIONS) as OptionKey[];

/**
 * One property, all whose names begin with `name`, or every one.
 * @throws RunError COMMAND_LINE when there is none, naming the nearest
 */
export function propertyHelp(name: string | null): string {
  const keys = KEYS.filter((key) => name === null || key === name || key.startsWith(name));
  if (keys.length === 0) {
    const near = nearestName(name ?? '', KEYS);
    const hint = near === null ? '' : ` Did you mean ${near}?`;
    throw new RunError('COMMAND_LINE', `There is no property "${String(name)}".${hint}`, {
      fix: 'c42uds help properties lists all of them.',
    });
  }
  const head = name === null ? ['The properties of config.properties, with their defaults:', ''] : [];
  return [...head, ...keys.flatMap(describe)].join('\n').trimEnd();
}

function describe(key: OptionKey): readonly string[] {
  const option: Option = OPTIONS[key];
  const choices = option.choices === undefined ? [] : [`  One of ${option.choices.join(', ')}.`];
  return [`${key}=${option.default}`, ...wrapped(option.doc), ...choices, ''];
}

function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  let line = ' ';
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > WIDTH) {
      lines.push(line);
      line = ' ';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
