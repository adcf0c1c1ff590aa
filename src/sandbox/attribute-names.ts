/**
 * The attributes that a script looks at, as far as its text tells: then the others need not be read for every user.
 *
 * A guess, and free to be one: a script that looks at another attribute all the same is noticed while it runs
 * (`realm/entry-view.ts`), and its user is judged again with everything that the directory holds of him.
 */

import { isNode, walk, type TreeNode } from './syntax-tree.ts';

/** Methods of `entry` whose first argument is the name of an attribute. */
const READING_METHODS: ReadonlySet<string> = new Set([
  'get',
  'getOrDefault',
  'put',
  'remove',
  'list',
  'containsKey',
  'hasOwnProperty',
]);

/** An attribute description (RFC 4512 2.5): a name, and options. */
const DESCRIPTION = /^[a-z][a-z0-9-]*(?:;[a-z0-9-]+)*$/i;

/** Far more than any script reads; a table of names in a script is no reason for a request of megabytes. */
const MAX_NAMES = 200;

/** Names of attributes, in the script's spelling; `null` where there are too many to ask for one by one. */
export function attributeNames(program: TreeNode): readonly string[] | null {
  const parameters = parameterNames(program);
  const names = new Set<string>();
  walk(program, (node, parent, key) => {
    if (node.type === 'ObjectPattern') {
      for (const property of node['properties'] as TreeNode[]) add(names, keyOf(property, 'key'));
    }
    if (node.type !== 'MemberExpression') return;
    const object = node['object'] as TreeNode;
    if (object.type !== 'Identifier' || !parameters.has(object['name'])) return;
    const name = keyOf(node, 'property');
    // An attribute is never called: `entry.get('mail')` is about mail, `text.trim()` about nothing.
    const call = parent?.type === 'CallExpression' && key === 'callee' ? parent : null;
    if (call === null) add(names, name);
    else if (name !== null && READING_METHODS.has(name)) {
      add(names, (call['arguments'] as TreeNode[])[0]?.['value']);
    }
  });
  names.delete('length');
  return names.size > MAX_NAMES ? null : [...names];
}

/** Parameters of any function, and variables that stand for one: helpers are given the entry under names of their own. */
function parameterNames(program: TreeNode): ReadonlySet<unknown> {
  const names = new Set<unknown>();
  const copies: [unknown, unknown][] = [];
  walk(program, (node) => {
    for (const parameter of Array.isArray(node['params']) ? (node['params'] as unknown[]) : []) {
      if (isNode(parameter) && parameter.type === 'Identifier') names.add(parameter['name']);
    }
    const init = node['init'];
    const id = node['id'];
    if (node.type === 'VariableDeclarator' && isNode(init) && init.type === 'Identifier' && isNode(id)) {
      copies.push([id['name'], init['name']]);
    }
  });
  for (const [copy, original] of copies) if (names.has(original)) names.add(copy);
  return names;
}

/** The name in `x.name`, `x['name']` and `{ name }`; `null` where it is worked out. */
function keyOf(node: TreeNode, property: 'key' | 'property'): string | null {
  const key = node[property];
  if (!isNode(key)) return null;
  if (key.type === 'Identifier' && node['computed'] !== true) return key['name'] as string;
  return key.type === 'Literal' && typeof key['value'] === 'string' ? key['value'] : null;
}

function add(names: Set<string>, name: unknown): void {
  if (typeof name === 'string' && DESCRIPTION.test(name)) names.add(name);
}
