/** Finds out from the text of a script which attributes it may read: whether changes of some are worth looking for. */

import { definitionsOf, entryVariables, namesAll, type Definitions } from './entry-variables.ts';
import { isNode, walk, type TreeNode } from './syntax-tree.ts';

/** What a script may read. Never less than it does; more where its text leaves that open. */
export interface AttributeUse {
  /** Every name and every word of a text in the script, in lower case, with the first line that has it. */
  readonly lineOf: Readonly<Record<string, number>>;
  /** A line that may read any attribute, by a name worked out while it runs or by a walk over all; `null` for none. */
  readonly anyLine: number | null;
}

/** Methods of the entry whose first argument names an attribute. */
const NAMING_METHODS: ReadonlySet<string> = new Set([
  'get',
  'list',
  'getOrDefault',
  'put',
  'remove',
  'containsKey',
  'hasOwnProperty',
]);

/** Methods of the entry that show attributes without naming them. */
const SHOWING_METHODS: ReadonlySet<string> = new Set([
  'keySet',
  'containsValue',
  'values',
  'entrySet',
  'forEach',
  'size',
  'isEmpty',
  'toString',
  'valueOf',
]);

/**
 * @param program the tree of the script
 * @param called the function that gets the entry; `null` where only running the script tells which one it is
 */
export function attributeUseOf(program: TreeNode, called: TreeNode | null): AttributeUse {
  const definitions = definitionsOf(program);
  const holders = entryVariables(definitions, called);
  const lineOf: Record<string, number> = Object.create(null) as Record<string, number>;
  let anyLine: number | null = holders === null ? 1 : null;
  walk(program, (node) => {
    for (const word of wordsOf(node)) lineOf[word] = Math.min(lineOf[word] ?? Infinity, lineAt(node));
    if (node.type !== 'Identifier' || holders === null || anyLine !== null) return;
    const name = node['name'] as string;
    if (name === 'arguments' || (holders.has(name) && showsAnything(node, definitions)))
      anyLine = lineAt(node);
  });
  return { lineOf, anyLine };
}

function lineAt(node: TreeNode): number {
  return (node['loc'] as { readonly start: { readonly line: number } } | undefined)?.start.line ?? 1;
}

function wordsOf(node: TreeNode): readonly string[] {
  if (node.type === 'Identifier') return [String(node['name']).toLowerCase()];
  const text =
    node.type === 'Literal'
      ? node['value']
      : node.type === 'TemplateElement'
        ? (node['value'] as { readonly cooked?: unknown }).cooked
        : null;
  return typeof text === 'string' ? text.toLowerCase().split(/[^a-z0-9-]+/) : [];
}

/** Whether a variable that holds the entry is used here in a way that may show any attribute of it. */
function showsAnything(node: TreeNode, definitions: Definitions): boolean {
  const place = definitions.places.get(node);
  if (place === undefined) return false;
  const { parent, key } = place;
  switch (parent.type) {
    case 'MemberExpression':
      if (key === 'property') return parent['computed'] === true;
      return parent['computed'] === true ? !isText(parent['property']) : showsByMethod(parent, definitions);
    case 'VariableDeclarator':
      return key === 'init' && !takesNamed(parent['id']);
    case 'AssignmentExpression':
      if (key === 'left') return false;
      return !takesNamed(parent['left']) || showsAnything(parent, definitions);
    case 'IfStatement':
    case 'ExpressionStatement':
    case 'LabeledStatement':
      return false;
    case 'ConditionalExpression':
      return key !== 'test' && showsAnything(parent, definitions);
    case 'LogicalExpression':
    case 'ChainExpression':
      return showsAnything(parent, definitions);
    case 'UnaryExpression':
      return parent['operator'] !== '!' && parent['operator'] !== 'typeof';
    case 'BinaryExpression':
      return !isHarmlessComparison(parent, key);
    case 'CallExpression':
      return key !== 'callee' && !definitions.isOwnFunction(parent['callee']);
    case 'AssignmentPattern':
      return key !== 'left';
    case 'Property':
      // A key is a name; as a value of a pattern it is a variable that takes something, of an object the entry itself.
      return key === 'value' && definitions.places.get(parent)?.parent.type !== 'ObjectPattern';
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      // The body of an arrow function is what it returns.
      return key === 'body';
    default:
      return true;
  }
}

function showsByMethod(member: TreeNode, definitions: Definitions): boolean {
  const name = (member['property'] as TreeNode)['name'] as string;
  if (SHOWING_METHODS.has(name)) return true;
  if (!NAMING_METHODS.has(name)) return false;
  const place = definitions.places.get(member);
  if (place?.parent.type !== 'CallExpression' || place.key !== 'callee') return true;
  return !isText((place.parent['arguments'] as unknown[])[0]);
}

function isText(node: unknown): boolean {
  return isNode(node) && node.type === 'Literal' && ['string', 'number'].includes(typeof node['value']);
}

/** A variable, which is followed, or a pattern that names what it takes. */
function takesNamed(target: unknown): boolean {
  return isNode(target) && (target.type === 'Identifier' || namesAll(target));
}

/** With `null` and `undefined`; `"mail" in entry`; `entry instanceof`. */
function isHarmlessComparison(node: TreeNode, key: string): boolean {
  const operator = String(node['operator']);
  if (operator === 'instanceof') return key === 'left';
  if (operator === 'in') return key === 'right' && isText(node['left']);
  const other = node[key === 'left' ? 'right' : 'left'] as TreeNode;
  const isNothing =
    (other.type === 'Literal' && other['value'] === null) ||
    (other.type === 'Identifier' && other['name'] === 'undefined');
  return /^[!=]==?$/.test(operator) && isNothing;
}
