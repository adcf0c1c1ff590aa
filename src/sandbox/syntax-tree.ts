/** Walking over the tree of a script, and the questions about a node that more than one part asks. */

/** A node as a walk over the tree sees it: acorn's own types know every node by its kind, which no walk needs. */
export interface TreeNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

/** Visits every node of a tree with its parent and the property in which the parent holds it; parents come first. */
export function walk(
  root: TreeNode,
  visit: (node: TreeNode, parent: TreeNode | null, key: string) => void,
): void {
  const stack: [TreeNode, TreeNode | null, string][] = [[root, null, '']];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const [node, parent, key] = next;
    visit(node, parent, key);
    for (const [name, value] of Object.entries(node)) {
      for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
        if (isNode(child)) stack.push([child, node, name]);
      }
    }
  }
}

export function isNode(value: unknown): value is TreeNode {
  return typeof value === 'object' && value !== null && typeof (value as TreeNode).type === 'string';
}

/** `['java', 'util', 'List']` for `java.util.List`; `null` for anything but names with dots between them. */
export function dottedPath(node: unknown): string[] | null {
  const path: string[] = [];
  let current = node;
  while (isNode(current) && current.type === 'MemberExpression' && current['computed'] !== true) {
    path.unshift((current['property'] as TreeNode)['name'] as string);
    current = current['object'];
  }
  return isNode(current) && current.type === 'Identifier' ? [current['name'] as string, ...path] : null;
}

/** The class in `Java.type('a.b.C')`, `a.b.C` and `Packages.a.b.C`; `null` for anything else. */
export function javaClassOf(node: unknown): string | null {
  if (!isNode(node)) return null;
  if (node.type === 'CallExpression' && dottedPath(node['callee'])?.join('.') === 'Java.type') {
    const name = (node['arguments'] as TreeNode[])[0]?.['value'];
    return typeof name === 'string' ? name : null;
  }
  const path = dottedPath(node);
  if (path === null) return null;
  const plain = path[0] === 'Packages' ? path.slice(1) : path;
  return plain[0] === 'java' ? plain.join('.') : null;
}

/** Whether an identifier stands for a variable, as opposed to the name of a property or a label. */
export function isReference(node: TreeNode, parent: TreeNode | null, key: string): boolean {
  if (node.type !== 'Identifier') return false;
  if (key === 'property') return parent?.['computed'] === true;
  if (key === 'key') return parent?.['computed'] === true || parent?.['shorthand'] === true;
  return key !== 'label';
}
