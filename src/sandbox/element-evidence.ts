/** Tells from what a script does with `x[i]` in a loop whether it takes it for a letter of a text or for an element of a list. */

import type { Definitions } from './entry-variables.ts';
import { isNode, walk, type TreeNode } from './syntax-tree.ts';

/** What the elements of a value are taken for; `null`: the script does not tell. */
export type Evidence = 'LETTERS' | 'TEXTS' | null;

/** Methods that only a letter is asked for, or that make one. */
export const LETTER_METHODS: ReadonlySet<string> = new Set([
  'charAt',
  'charCodeAt',
  'codePointAt',
  'fromCharCode',
]);

/** Functions that scripts ask about single characters. */
const LETTER_FUNCTIONS: ReadonlySet<string> = new Set(['Number', 'parseInt', 'isNaN', 'isFinite']);

/** Methods that are pointless on a single letter. */
const TEXT_METHODS: ReadonlySet<string> = new Set([
  ...[
    'substring',
    'substr',
    'slice',
    'split',
    'startsWith',
    'endsWith',
    'lastIndexOf',
    'trim',
    'size',
    'get',
  ],
]);

/** Methods whose argument tells how long the text is that they are called on. */
const ASKING_METHODS: ReadonlySet<string> = new Set([
  ...[
    'indexOf',
    'contains',
    'includes',
    'equals',
    'equalsIgnoreCase',
    'compareTo',
    'matches',
    'match',
    'search',
  ],
  ...['replace', 'replaceAll', 'replaceFirst', 'contentEquals', 'compareToIgnoreCase'],
]);

/** Methods that look their argument up. */
const LOOKING_METHODS: ReadonlySet<string> = new Set([
  'get',
  'containsKey',
  'contains',
  'has',
  'hasOwnProperty',
]);

/** A pattern for one character, or for a row of characters of one kind. */
const ONE_CHARACTER = /^\^?\(?(?:\[(?:\\.|[^\]\\])*\]|\\[dDwWsS]|[^\\^$.*+?()[\]{}|]|\.)\)?[+*?]?\$?$/;

/**
 * What the uses of some expressions tell, all of which give an element. Variables that take an element and parameters
 * of the script's own functions are followed. One use as a letter outweighs everything.
 */
export function evidenceOf(
  elements: readonly TreeNode[],
  definitions: Definitions,
  scope: TreeNode,
): Evidence {
  const seen = new Set<string>();
  const waiting: TreeNode[] = [...elements];
  let found: Evidence = null;
  const follow = (name: unknown, within: TreeNode): void => {
    const key = `${within.start} ${String(name)}`;
    if (seen.has(key)) return;
    seen.add(key);
    walk(within, (node, parent, at) => {
      const isName = at === 'property' || at === 'key' ? parent?.['computed'] === true : at !== 'params';
      if (node.type === 'Identifier' && node['name'] === name && isName) waiting.push(node);
    });
  };
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    const told = ofUse(node, definitions);
    if (told === 'LETTERS') return told;
    found = told ?? found;
    const place = definitions.places.get(node);
    if (place === undefined) continue;
    const { parent, key } = place;
    const target =
      key === 'init' ? parent['id'] : key === 'right' && isPlainAssignment(parent) && parent['left'];
    if (isNode(target) && target.type === 'Identifier') follow(target['name'], scope);
    if (parent.type !== 'CallExpression' || key !== 'arguments') continue;
    const at = (parent['arguments'] as TreeNode[]).indexOf(node);
    for (const own of ownFunctions(parent, definitions)) {
      const param = (own['params'] as TreeNode[])[at];
      if (param?.type === 'Identifier') follow(param['name'], own);
    }
  }
  return found;
}

function isPlainAssignment(node: TreeNode): boolean {
  return node.type === 'AssignmentExpression' && node['operator'] === '=';
}

function ownFunctions(call: TreeNode, definitions: Definitions): readonly TreeNode[] {
  const callee = call['callee'] as TreeNode;
  return callee.type === 'Identifier' ? (definitions.named.get(callee['name'] as string) ?? []) : [];
}

function ofUse(node: TreeNode, definitions: Definitions): Evidence {
  const place = definitions.places.get(node);
  if (place === undefined) return null;
  const { parent, key } = place;
  switch (parent.type) {
    case 'BinaryExpression':
      return ofOperator(node, parent, definitions);
    case 'AssignmentExpression':
      return key === 'right' && parent['operator'] === '+=' ? 'LETTERS' : null;
    case 'SwitchStatement':
      return key === 'discriminant' ? ofTexts((parent['cases'] as TreeNode[]).map(({ test }) => test)) : null;
    case 'MemberExpression':
      return key === 'object' ? ofMember(parent, definitions) : ofTable(parent['object'], definitions);
    case 'CallExpression':
      return key === 'arguments' ? ofArgument(parent, definitions) : null;
    default:
      return null;
  }
}

function ofOperator(node: TreeNode, parent: TreeNode, { places }: Definitions): Evidence {
  const operator = String(parent['operator']);
  const other = parent['left'] === node ? parent['right'] : parent['left'];
  if (/^[=!<>]/.test(operator)) {
    return typeof (other as TreeNode)['value'] === 'number' ? 'LETTERS' : ofTexts([other]);
  }
  if (/^[-*/%]$/.test(operator)) return 'LETTERS';
  // `out = x[i] + out`: nothing stands between one and the next.
  const whole = places.get(parent)?.parent;
  const isGrowing =
    operator === '+' &&
    whole !== undefined &&
    isPlainAssignment(whole) &&
    isNode(other) &&
    other.type === 'Identifier' &&
    (whole['left'] as TreeNode)['name'] === other['name'];
  return isGrowing ? 'LETTERS' : null;
}

/** `x[i].method(…)`; a method that changes letters only gives another element. */
function ofMember(member: TreeNode, definitions: Definitions): Evidence {
  if (member['computed'] === true) return null;
  const name = String((member['property'] as TreeNode)['name']);
  if (LETTER_METHODS.has(name)) return 'LETTERS';
  if (TEXT_METHODS.has(name) || name === 'length') return 'TEXTS';
  const call = definitions.places.get(member);
  if (call?.parent.type !== 'CallExpression' || call.key !== 'callee') return null;
  if (ASKING_METHODS.has(name)) return ofTexts([(call.parent['arguments'] as TreeNode[])[0]]);
  return /^to(?:Locale)?(?:Lower|Upper)Case$|^toString$/.test(name) ? ofUse(call.parent, definitions) : null;
}

/** `f(x[i])`, `/[0-9]/.test(x[i])`, `'abc'.indexOf(x[i])`, `table.get(x[i])`. */
function ofArgument(call: TreeNode, definitions: Definitions): Evidence {
  const callee = call['callee'] as TreeNode;
  if (callee.type === 'Identifier') return LETTER_FUNCTIONS.has(callee['name'] as string) ? 'LETTERS' : null;
  if (callee.type !== 'MemberExpression' || callee['computed'] === true) return null;
  const object = callee['object'] as TreeNode;
  const name = String((callee['property'] as TreeNode)['name']);
  if (name === 'test' || name === 'exec') return ofTexts([regExpOf(object, definitions)]);
  if (name === 'indexOf' && typeof object['value'] === 'string') return 'LETTERS';
  if (object['name'] === 'Character' || LETTER_FUNCTIONS.has(name)) return 'LETTERS';
  return LOOKING_METHODS.has(name) ? ofTable(object, definitions) : null;
}

function regExpOf(node: TreeNode, { assignments }: Definitions): unknown {
  if (node.type !== 'Identifier') return node;
  return assignments.find(({ target }) => target['name'] === node['name'])?.value;
}

/** A table, by its keys: `{ 'ä': 'ae' }` is for letters, `{ 'CN=Admins': 'Admin' }` for texts. */
function ofTable(object: unknown, { assignments, calls }: Definitions): Evidence {
  if (!isNode(object) || object.type !== 'Identifier') return null;
  const values = assignments.filter(({ target }) => target['name'] === object['name']);
  const keys = values.flatMap(({ value }) =>
    value.type === 'ObjectExpression'
      ? (value['properties'] as TreeNode[]).map((one) => one['key'] as TreeNode)
      : [],
  );
  const put = calls.flatMap((call) => {
    const callee = call['callee'] as TreeNode;
    const isOurs =
      callee.type === 'MemberExpression' && (callee['object'] as TreeNode)['name'] === object['name'];
    return isOurs ? (call['arguments'] as TreeNode[]).slice(0, 1) : [];
  });
  return ofTexts([...keys, ...put]);
}

/** What constants say with which an element is compared: one long text among them is enough. */
function ofTexts(constants: readonly unknown[]): Evidence {
  const lengths = constants.flatMap((one) => {
    if (!isNode(one)) return [];
    const { pattern } = (one['regex'] ?? {}) as { pattern?: string };
    if (pattern !== undefined) return [ONE_CHARACTER.test(pattern) ? 1 : 2];
    const text = one.type === 'Identifier' ? null : one['value'];
    return typeof text === 'string' ? [text.length] : [];
  });
  const longest = Math.max(0, ...lengths);
  return longest === 0 ? null : longest === 1 ? 'LETTERS' : 'TEXTS';
}
