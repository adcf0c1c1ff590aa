/**
 * Finds the loops in which a script takes a value for a list by its index, and makes them see a list of one where an
 * attribute has one value only: `for (var i = 0; i < groups.length; i++) … groups[i]` would go through its letters.
 */

import { evidenceOf, LETTER_METHODS } from './element-evidence.ts';
import { definitionsOf, type Definitions } from './entry-variables.ts';
import type { Edit } from './source-edit.ts';
import { isNode, type TreeNode } from './syntax-tree.ts';

/** The function in the isolate: a list of one for a text that is the only value of an attribute, else what it was given. */
const LIST_FUNCTION = '$c42uds_list';

/** Where loops say how far they go. */
const HEADS: Readonly<Record<string, readonly string[]>> = {
  ForStatement: ['init', 'test', 'update'],
  ForInStatement: ['right'],
  WhileStatement: ['test'],
  DoWhileStatement: ['test'],
};

/** Methods and functions that give a text of their own: that it equals some attribute is by chance. */
const TEXT_MAKERS: ReadonlySet<string> = new Set([
  ...['substring', 'substr', 'trim', 'toLowerCase', 'toUpperCase', 'replace', 'replaceAll', 'replaceFirst'],
  ...['charAt', 'join', 'String', 'group', 'toString'],
]);

/** A loop over the values of a name: the places inside it at which the value is to be a list. */
interface Indexing {
  readonly uses: TreeNode[];
  readonly elements: TreeNode[];
}

/** The edits for a script's tree: within a loop that is measured by a value and indexes it, the value is wrapped. */
export function singleValueEdits(program: TreeNode, source: string): Edit[] {
  const definitions = definitionsOf(program);
  const wrapped = new Set<TreeNode>();
  for (const scope of [program, ...definitions.functions]) {
    const nodes = nodesOf(scope);
    const readsLetters = nodes.some(isAboutLetters);
    for (const [name, { uses, elements }] of indexedIn(nodes, definitions, source)) {
      const evidence = evidenceOf(elements, definitions, scope);
      if (evidence === 'LETTERS' || (evidence === null && readsLetters)) continue;
      if (isMadeText(name, definitions, new Set())) continue;
      for (const use of uses) wrapped.add(use);
    }
  }
  return [...wrapped].flatMap(({ start, end }) => [
    { start, end: start, text: `${LIST_FUNCTION}(` },
    { start: end, end, text: ')', closes: true },
  ]);
}

function isFunction(node: TreeNode): boolean {
  return /^(?:Function|ArrowFunction)/.test(node.type);
}

/** The nodes of a function without those of the functions in it. */
function nodesOf(scope: TreeNode): TreeNode[] {
  const found: TreeNode[] = [];
  // A stack of our own: chains of calls may be deeper than the engine's.
  const stack = [scope];
  for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
    if (node !== scope && isFunction(node)) continue;
    found.push(node);
    for (const value of Object.values(node)) {
      for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
        if (isNode(child)) stack.push(child);
      }
    }
  }
  return found;
}

function indexedIn(
  nodes: readonly TreeNode[],
  definitions: Definitions,
  source: string,
): Map<string, Indexing> {
  const found = new Map<string, Indexing>();
  const local = new Set(nodes);
  for (const loop of nodes) {
    const head = HEADS[loop.type];
    if (head === undefined) continue;
    const measures = head.flatMap((key) => measuresIn(loop, key, local, definitions, source));
    const names = new Set(measures.map(({ name }) => name));
    const inside = nodesOf(loop).filter(({ type }) => type === 'MemberExpression');
    for (const name of names) {
      const members = inside.filter((one) => nameOf(one['object'] as TreeNode, source) === name);
      const elements = members.filter(isElement);
      if (elements.length === 0) continue;
      const known = found.get(name) ?? { uses: [], elements: [] };
      known.elements.push(...elements);
      const lengths = members.filter((one) => isLength(one));
      known.uses.push(
        ...[...elements, ...lengths].map((one) => one['object'] as TreeNode),
        ...measures.filter((one) => one.name === name).map(({ node }) => node),
      );
      found.set(name, known);
    }
  }
  return found;
}

/** The values by which the head of a loop is measured: by their length, by a variable that took it, or by their keys. */
function measuresIn(
  loop: TreeNode,
  key: string,
  local: ReadonlySet<TreeNode>,
  { assignments }: Definitions,
  source: string,
): { name: string; node: TreeNode }[] {
  const head = loop[key];
  if (!isNode(head)) return [];
  const measured = loop.type === 'ForInStatement' ? [head] : [];
  for (const node of nodesOf(head)) {
    if (isLength(node)) measured.push(node['object'] as TreeNode);
    if (node.type !== 'Identifier') continue;
    for (const { target, value } of assignments) {
      if (target['name'] === node['name'] && local.has(target) && isLength(value)) {
        measured.push(value['object'] as TreeNode);
      }
    }
  }
  return measured.flatMap((node) => {
    const name = nameOf(node, source);
    return name === null ? [] : [{ name, node }];
  });
}

function isLength(node: TreeNode): boolean {
  return (
    node.type === 'MemberExpression' &&
    node['computed'] !== true &&
    (node['property'] as TreeNode)['name'] === 'length'
  );
}

function isElement(node: TreeNode): boolean {
  return node['computed'] === true && (node['property'] as TreeNode).type === 'Identifier';
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

/** A text of one character in a comparison or a `case`, or a method that is about single characters. */
function isAboutLetters(node: TreeNode): boolean {
  if (node.type === 'MemberExpression') {
    return node['computed'] !== true && LETTER_METHODS.has((node['property'] as TreeNode)['name'] as string);
  }
  const sides =
    node.type === 'BinaryExpression'
      ? /^[=!<>]/.test(String(node['operator'])) && [node['left'], node['right']]
      : node.type === 'SwitchCase' && [node['test']];
  return (
    sides !== false &&
    sides.some((side) => isNode(side) && typeof side['value'] === 'string' && side['value'].length === 1)
  );
}

/** Whether a variable, or what is given for a parameter, may be a text that the script put together or cut out. */
function isMadeText(name: string, definitions: Definitions, seen: Set<string>): boolean {
  if (seen.has(name)) return false;
  seen.add(name);
  const values = definitions.assignments
    .filter(({ target }) => target['name'] === name)
    .map(({ value }) => value);
  for (const [callee, functions] of definitions.named) {
    const at = functions
      .map((one) => (one['params'] as TreeNode[]).findIndex((param) => param['name'] === name))
      .filter((position) => position >= 0);
    for (const call of definitions.calls) {
      if ((call['callee'] as TreeNode)['name'] !== callee) continue;
      for (const position of at)
        values.push(...(call['arguments'] as TreeNode[]).slice(position, position + 1));
    }
  }
  return values.some((value) => makesText(value, definitions, seen));
}

function makesText(value: TreeNode, definitions: Definitions, seen: Set<string>): boolean {
  switch (value.type) {
    case 'Identifier':
      return isMadeText(value['name'] as string, definitions, seen);
    case 'TemplateLiteral':
      return true;
    case 'BinaryExpression':
      return value['operator'] === '+';
    case 'ConditionalExpression':
      return [value['consequent'], value['alternate']].some((one) =>
        makesText(one as TreeNode, definitions, seen),
      );
    case 'LogicalExpression':
      return [value['left'], value['right']].some((one) => makesText(one as TreeNode, definitions, seen));
    case 'CallExpression': {
      const callee = value['callee'] as TreeNode;
      const called = callee.type === 'MemberExpression' ? (callee['property'] as TreeNode) : callee;
      return TEXT_MAKERS.has(String(called['name']));
    }
    default:
      return false;
  }
}
