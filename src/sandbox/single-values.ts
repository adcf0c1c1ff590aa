/**
 * Finds the loops in which a script takes a value for a list by its index, and makes them see a list of one where an
 * attribute has one value only: `for (var i = 0; i < groups.length; i++) … groups[i]` would go through its letters.
 */

import type { Edit } from './source-edit.ts';
import { isNode, walk, type TreeNode } from './syntax-tree.ts';

/** The function in the isolate: a list of one for a text that is the only value of an attribute, else what it was given. */
const LIST_FUNCTION = '$c42uds_list';

const LOOPS: ReadonlySet<string> = new Set([
  'ForStatement',
  'ForInStatement',
  'WhileStatement',
  'DoWhileStatement',
]);

const LETTER_METHODS: ReadonlySet<string> = new Set(['charAt', 'charCodeAt', 'codePointAt', 'fromCharCode']);

/** What one function does with values that it indexes; `uses` are the places to rewrite, by the text of the value. */
interface Indexing {
  readonly uses: Map<string, TreeNode[]>;
  /** Values that are indexed by a variable inside a loop. */
  readonly indexed: Set<string>;
  /** Values whose length is asked, or over whose keys a loop goes. */
  readonly measured: Set<string>;
  /** Whether the function looks at single characters: then its loops are about letters. */
  readsLetters: boolean;
}

/** The edits for a script's tree: each value that a function both measures and indexes in a loop is wrapped. */
export function singleValueEdits(program: TreeNode, source: string): Edit[] {
  const edits: Edit[] = [];
  for (const scope of functionsOf(program)) {
    const { uses, indexed, measured, readsLetters } = indexingOf(scope, source);
    if (readsLetters) continue;
    for (const name of indexed) {
      if (!measured.has(name)) continue;
      for (const { start, end } of uses.get(name) ?? []) {
        edits.push(
          { start, end: start, text: `${LIST_FUNCTION}(` },
          { start: end, end, text: ')', closes: true },
        );
      }
    }
  }
  return edits;
}

function functionsOf(program: TreeNode): TreeNode[] {
  const found: TreeNode[] = [program];
  walk(program, (node) => {
    if (isFunction(node)) found.push(node);
  });
  return found;
}

function isFunction(node: TreeNode): boolean {
  return /^(?:Function|ArrowFunction)/.test(node.type);
}

function indexingOf(scope: TreeNode, source: string): Indexing {
  const found: Indexing = { uses: new Map(), indexed: new Set(), measured: new Set(), readsLetters: false };
  // A stack of our own: chains of calls may be deeper than the engine's.
  const stack: [node: TreeNode, inLoop: boolean][] = [[scope, false]];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const [node, inLoop] = next;
    if (node !== scope && isFunction(node)) continue;
    if (node.type === 'MemberExpression') noteMember(found, node, inLoop, source);
    if (node.type === 'ForInStatement') noteKeys(found, node, source);
    if (isLetter(node)) found.readsLetters = true;
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
        if (isNode(child)) stack.push([child, inLoop || LOOPS.has(node.type)]);
      }
    }
  }
  return found;
}

function noteMember(found: Indexing, node: TreeNode, inLoop: boolean, source: string): void {
  const object = node['object'] as TreeNode;
  const property = node['property'] as TreeNode;
  const name = nameOf(object, source);
  if (node['computed'] === true) {
    if (name === null || !inLoop || property.type !== 'Identifier') return;
    found.indexed.add(name);
  } else {
    if (LETTER_METHODS.has(property['name'] as string)) found.readsLetters = true;
    if (name === null || property['name'] !== 'length') return;
    found.measured.add(name);
  }
  noteUse(found, name, object);
}

function noteUse({ uses }: Indexing, name: string, node: TreeNode): void {
  const known = uses.get(name);
  if (known === undefined) uses.set(name, [node]);
  else known.push(node);
}

function noteKeys(found: Indexing, node: TreeNode, source: string): void {
  const right = node['right'] as TreeNode;
  const name = nameOf(right, source);
  if (name === null) return;
  found.measured.add(name);
  noteUse(found, name, right);
}

/** A variable, or an attribute of one: `groups`, `entry.memberOf`, `entry['memberOf']`. */
function nameOf(node: TreeNode, source: string): string | null {
  if (node.type === 'Identifier') return node['name'] as string;
  const object = node['object'] as TreeNode | undefined;
  const isAttribute =
    node.type === 'MemberExpression' &&
    object?.type === 'Identifier' &&
    (node['computed'] !== true || (node['property'] as TreeNode).type === 'Literal');
  return isAttribute ? source.slice(node.start, node.end).replace(/\s+/g, '') : null;
}

/** A text of one character in a comparison or a `case`. */
function isLetter(node: TreeNode): boolean {
  const sides =
    node.type === 'BinaryExpression'
      ? /^[=!<>]/.test(String(node['operator'])) && [node['left'], node['right']]
      : node.type === 'SwitchCase' && [node['test']];
  return (
    sides !== false &&
    sides.some((side) => isNode(side) && typeof side['value'] === 'string' && side['value'].length === 1)
  );
}
