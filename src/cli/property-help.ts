/** `c42uds help properties [NAME]`: the table of properties in a terminal. */

import { nearestName } from '../config/nearest-name.ts';
import { OPTIONS } from '../config/options.ts';
import type { Option, OptionKey } from '../config/options.ts';
import { RunError } from '../model/errors.ts';
import { SCHEMA_VERSION } from '../report/run-result.ts';

const WIDTH = 100;
const KEYS = Object.keys(OPTIONS) as OptionKey[];

/**
 * One property, all whose names begin with `name`, or every one.
 * @throws RunError COMMAND_LINE when there is none, naming the nearest
 */
export function propertyHelp(name: string | null): string {
  const head = name === null ? ['The properties of config.properties, with their defaults:', ''] : [];
  return [...head, ...keysOf(name).flatMap(describe)].join('\n').trimEnd();
}

/** As {@link propertyHelp}, as docs/schemas/properties.json has it. */
export function propertyResult(name: string | null): object {
  const properties = keysOf(name).map((key) => {
    const { default: value, doc, choices }: Option = OPTIONS[key];
    return { name: key, default: value, description: doc, choices: choices ?? null };
  });
  return { type: 'properties', schemaVersion: SCHEMA_VERSION, properties };
}

function keysOf(name: string | null): readonly OptionKey[] {
  const keys = KEYS.filter((key) => name === null || key === name || key.startsWith(name));
  if (keys.length === 0) {
    const near = nearestName(name ?? '', KEYS);
    const hint = near === null ? '' : ` Did you mean ${near}?`;
    throw new RunError('COMMAND_LINE', `There is no property "${String(name)}".${hint}`, {
      fix: 'c42uds help properties lists all of them.',
    });
  }
  return keys;
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
