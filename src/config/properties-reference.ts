/** The reference of all properties as Markdown: the text of `docs/properties.md`. */

import { EFFECTS } from './effects.ts';
import { allowedValues, groupedOptions } from './example-file.ts';
import { OPTIONS, type Option, type OptionKey } from './options.ts';

const INTRODUCTION = `# Properties

<!-- Generated from src/config/ by "npm run generate"; a test fails while it is out of date. -->

Every property of \`config.properties\`. Those marked * have the name and default of the vendor's article "Configure
Code42 User Directory Sync"; the others are additions of c42uds. A property that the file does not have, or that is blank,
has its default; a blank text property is empty. A key that c42uds does not know is a warning and has no effect. The
last two columns name the modules that act on the property, and the tests that fail when it is ignored.
`;

/** The whole document, ending in a line end. */
export function renderReference(): string {
  const sections = groupedOptions().map(({ title, keys }) => {
    const rows = keys.map((key) => renderRow(key)).join('\n');
    return `## ${title}\n\n${TABLE_HEAD}\n${rows}\n`;
  });
  return [INTRODUCTION, ...sections].join('\n');
}

const TABLE_HEAD = [
  '| property | default | meaning | takes effect in | proven by |',
  '| --- | --- | --- | --- | --- |',
].join('\n');

function renderRow(key: OptionKey): string {
  const option: Option = OPTIONS[key];
  const { files, proofs } = EFFECTS[key];
  const name = `\`${key}\`${option.origin === 'ARTICLE' ? ' *' : ''}`;
  const aliases = (option.aliases ?? []).map((alias) => `Also accepted as \`${alias}\`.`);
  const meaning = [option.doc, allowedValues(option), ...aliases].filter((text) => text !== '').join(' ');
  const where = files.map(code).join('<br>');
  const tests = proofs.map(([file, title]) => `${code(file)}: "${plain(title)}"`).join('<br>');
  const cells = [name, code(option.default), plain(meaning), where, tests];
  return `| ${cells.join(' | ')} |`;
}

function code(text: string): string {
  return text === '' ? '-' : `\`${text.replaceAll('|', '\\|')}\``;
}

function plain(text: string): string {
  // Filters would otherwise be taken for Markdown; a backslash means something to it only before punctuation.
  return text.replace(/[|*<>]|\\(?=[!-/:-@[-`{-~])/g, (character) => `\\${character}`);
}
