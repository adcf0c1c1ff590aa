/** Refuses, before a script runs, what it could never do here: files, network, threads, foreign Java classes. */

import { isNode, walk, type TreeNode } from './legacy-parser.ts';
import { JAVA_CLASS_NAMES } from './realm/java-class-names.ts';

/** Something in a script that cannot be supported; `at` is an offset into the source. */
export interface Refusal {
  readonly at: number;
  readonly message: string;
}

const NO_FILES = 'scripts have no access to files or modules';
const NO_JAVA = `the Java classes there are: ${JAVA_CLASS_NAMES.join(', ')}`;
const NO_LATER = 'a script must give its answer at once';
const NO_PROCESS = 'scripts have no access to processes';
const NO_TEXT_CODE = 'code in strings cannot be run';

/** Names that mean something elsewhere and nothing here. A script that declares such a name itself may use it. */
const REFUSED_NAMES: Readonly<Record<string, string>> = {
  require: NO_FILES,
  load: NO_FILES,
  loadWithNewGlobal: NO_FILES,
  readFully: NO_FILES,
  readLine: NO_FILES,
  importPackage: NO_JAVA,
  importClass: NO_JAVA,
  JavaImporter: NO_JAVA,
  JavaAdapter: NO_JAVA,
  Packages: NO_JAVA,
  javax: NO_JAVA,
  process: NO_PROCESS,
  quit: NO_PROCESS,
  exit: NO_PROCESS,
  $EXEC: NO_PROCESS,
  $ENV: NO_PROCESS,
  fetch: 'scripts have no access to the network',
  XMLHttpRequest: 'scripts have no access to the network',
  Worker: 'scripts have no threads',
  SharedArrayBuffer: 'scripts have no threads',
  Atomics: 'scripts have no threads',
  WebAssembly: 'scripts are JavaScript only',
  Promise: NO_LATER,
  setTimeout: NO_LATER,
  setInterval: NO_LATER,
  setImmediate: NO_LATER,
  queueMicrotask: NO_LATER,
  eval: NO_TEXT_CODE,
};

const SUPPORTED_CLASSES: ReadonlySet<string> = new Set(JAVA_CLASS_NAMES);

/** Members of Nashorn's `Java` object that are supported. */
const JAVA_MEMBERS: ReadonlySet<string> = new Set(['type', 'from']);

/** Everything in the script that cannot be supported, in no particular order. */
export function findRefusals(program: TreeNode): Refusal[] {
  const declared = declaredNames(program);
  const found: Refusal[] = [];
  walk(program, (node, parent, key) => {
    const message =
      refuseLater(node) ??
      (node.type === 'Identifier' && isReference(node, parent, key) && !declared.has(node['name'] as string)
        ? refuseName(node, parent, key)
        : null) ??
      (node.type === 'MemberExpression' ? refuseJavaPath(node, parent, key, declared) : null) ??
      (node.type === 'CallExpression' ? refuseJavaType(node, declared) : null);
    if (message !== null) found.push({ at: node.start, message });
  });
  return found;
}

function refuseLater(node: TreeNode): string | null {
  if (node.type === 'ImportExpression') return `import() cannot be used: ${NO_FILES}`;
  if (node['async'] === true) return `async functions cannot be used: ${NO_LATER}`;
  return null;
}

function refuseName(node: TreeNode, parent: TreeNode | null, key: string): string | null {
  const name = node['name'] as string;
  if (parent?.type === 'UnaryExpression' && parent['operator'] === 'typeof') return null;
  const called = (parent?.type === 'CallExpression' || parent?.type === 'NewExpression') && key === 'callee';
  if (name === 'Function' && called) return `Function(…) cannot be used: ${NO_TEXT_CODE}`;
  const reason = Object.hasOwn(REFUSED_NAMES, name) ? REFUSED_NAMES[name] : undefined;
  return reason === undefined ? null : `${name} cannot be used: ${reason}`;
}

/** `java.util.Xyz`: only the whole path is looked at, which is the outermost member expression. */
function refuseJavaPath(
  node: TreeNode,
  parent: TreeNode | null,
  key: string,
  declared: ReadonlySet<string>,
): string | null {
  if (parent?.type === 'MemberExpression' && key === 'object' && parent['computed'] !== true) return null;
  const path = dottedPath(node);
  if (path === null || declared.has(path[0] ?? '')) return null;
  if (path[0] === 'Java' && !JAVA_MEMBERS.has(path[1] ?? '')) return `${path.join('.')} cannot be used`;
  if (path[0] !== 'java') return null;
  const known = path.some((_, i) => SUPPORTED_CLASSES.has(path.slice(0, i + 1).join('.')));
  return known ? null : `${path.join('.')} cannot be used: ${NO_JAVA}`;
}

function refuseJavaType(node: TreeNode, declared: ReadonlySet<string>): string | null {
  const callee = node['callee'] as TreeNode;
  const path = callee.type === 'MemberExpression' ? dottedPath(callee) : null;
  if (path?.join('.') !== 'Java.type' || declared.has('Java')) return null;
  const argument = (node['arguments'] as TreeNode[])[0];
  const name = argument?.type === 'Literal' ? argument['value'] : undefined;
  if (typeof name !== 'string') return 'Java.type needs the name of a class in quotes';
  return SUPPORTED_CLASSES.has(name) ? null : `Java.type('${name}') cannot be used: ${NO_JAVA}`;
}

function dottedPath(node: TreeNode): string[] | null {
  const path: string[] = [];
  let current: TreeNode = node;
  while (current.type === 'MemberExpression' && current['computed'] !== true) {
    path.unshift((current['property'] as TreeNode)['name'] as string);
    current = current['object'] as TreeNode;
  }
  return current.type === 'Identifier' ? [current['name'] as string, ...path] : null;
}

/** Every name that the script gives to something, anywhere: coarser than scopes, and never refuses what is the script's own. */
function declaredNames(program: TreeNode): Set<string> {
  const names = new Set<string>();
  walk(program, (node) => {
    for (const key of ['id', 'params', 'param', 'left']) {
      if (key === 'left' && !/^(?:Assignment|For(?:In|Of)Statement)/.test(node.type)) continue;
      const targets = node[key];
      for (const target of Array.isArray(targets) ? (targets as unknown[]) : [targets]) {
        if (isNode(target)) collectNames(target, names);
      }
    }
  });
  return names;
}

function collectNames(pattern: TreeNode, names: Set<string>): void {
  if (pattern.type === 'MemberExpression') return;
  walk(pattern, (node, parent, key) => {
    if (node.type === 'Identifier' && isReference(node, parent, key)) names.add(node['name'] as string);
  });
}

/** Whether an identifier stands for a variable, as opposed to the name of a property or a label. */
export function isReference(node: TreeNode, parent: TreeNode | null, key: string): boolean {
  if (node.type !== 'Identifier') return false;
  if (key === 'property') return parent?.['computed'] === true;
  if (key === 'key') return parent?.['computed'] === true || parent?.['shorthand'] === true;
  return key !== 'label';
}
