/** Refuses, before a script runs, what it could never do here: files, network, threads, foreign Java classes. */

import { COMPATIBILITY_FILE, javaClasses } from './realm/java-classes.ts';
import { missingPart } from './realm/java-regex.ts';
import { dottedPath, isNode, isReference, javaClassOf, walk, type TreeNode } from './syntax-tree.ts';

/** Something in a script that cannot be supported; `at` is an offset into the source. */
export interface Refusal {
  readonly at: number;
  readonly message: string;
}

const CLASSES = javaClasses(() => {});
const CLASS_NAMES = Object.keys(CLASSES).sort();

const NO_FILES = 'scripts have no access to files or modules';
const NO_JAVA =
  'of Java there are collections, strings, numbers, dates and patterns, such as java.util.ArrayList';
const NO_LATER = 'a script must give its answer at once';
const NO_PROCESS = 'scripts have no access to processes';
const NO_NETWORK = 'scripts have no access to the network';
const NO_THREADS = 'scripts have no threads';
const NO_TEXT_CODE = 'code in strings cannot be run; write the code itself';
const NO_HOOKS = 'ask with "name in object" or compare with null instead';

/** Names that mean something elsewhere and nothing here. A script that declares such a name itself may use it. */
const REFUSED_NAMES: Readonly<Record<string, string>> = {
  require: `${NO_FILES}; copy what you need into the script`,
  load: `${NO_FILES}; copy what you need into the script`,
  loadWithNewGlobal: `${NO_FILES}; copy what you need into the script`,
  readFully: NO_FILES,
  readLine: NO_FILES,
  __FILE__: NO_FILES,
  __DIR__: NO_FILES,
  __LINE__: 'write the number itself',
  JavaAdapter: 'give a function where Java wants an interface',
  javax: NO_JAVA,
  javafx: NO_JAVA,
  process: NO_PROCESS,
  quit: `${NO_PROCESS}; return the answer instead`,
  exit: `${NO_PROCESS}; return the answer instead`,
  $EXEC: NO_PROCESS,
  $ENV: `${NO_PROCESS}; write the value into the script`,
  fetch: NO_NETWORK,
  XMLHttpRequest: NO_NETWORK,
  Worker: NO_THREADS,
  SharedArrayBuffer: NO_THREADS,
  Atomics: NO_THREADS,
  WebAssembly: 'scripts are JavaScript only',
  Promise: NO_LATER,
  setTimeout: NO_LATER,
  setInterval: NO_LATER,
  setImmediate: NO_LATER,
  queueMicrotask: NO_LATER,
  eval: NO_TEXT_CODE,
};

/** What is said of Java classes that are not there, by the beginning of their names. */
const REFUSED_CLASSES: readonly (readonly [prefix: string, reason: string])[] = [
  ['java.io.', NO_FILES],
  ['java.nio.', NO_FILES],
  ['java.net.', NO_NETWORK],
  ['java.lang.Runtime', NO_PROCESS],
  ['java.lang.Process', NO_PROCESS],
  ['java.lang.Thread', NO_THREADS],
  ['java.util.concurrent.', NO_THREADS],
  ['java.util.stream.', 'use filter, map, some and every of the list itself'],
  ['java.util.function.', 'give a function instead'],
  ['java.time.', 'use java.util.Date, java.util.Calendar and java.text.SimpleDateFormat'],
  ['java.util.Hashtable', 'use java.util.HashMap'],
  ['java.math.', 'use the numbers of JavaScript'],
];

/** Roots of Java's package names that are words too: refused where a member of them is asked for. */
const PACKAGE_ROOTS: ReadonlySet<string> = new Set(['com', 'org', 'edu']);

/** Members that mean something in the original's engine and nothing here, whatever they are members of. */
const REFUSED_MEMBERS: Readonly<Record<string, string>> = {
  __noSuchProperty__: NO_HOOKS,
  __noSuchMethod__: NO_HOOKS,
  bindProperties: 'copy the properties one by one',
  getBytes: 'there are no bytes here; compare the texts',
  stream: 'there are no Java streams; use filter, map, some and every of the list itself',
  parallelStream: 'there are no Java streams; use filter, map, some and every of the list itself',
};

/** Methods of Java's own classes, by names that nobody else has, that are not among the members of the classes here. */
const MISSING_METHODS: ReadonlySet<string> = new Set(
  (
    'listIterator descendingIterator descendingMap descendingSet descendingKeySet headMap tailMap subMap headSet tailSet ' +
    'subSet floorEntry ceilingEntry higherEntry lowerEntry floorKey ceilingKey higherKey lowerKey pollFirstEntry ' +
    'pollLastEntry pollFirst pollLast navigableKeySet codePointCount offsetByCodePoints getChars spliterator toInstant ' +
    'ensureCapacity trimToSize hitEnd requireEnd toMatchResult usePattern useAnchoringBounds useTransparentBounds ' +
    'getActualMinimum getLeastMaximum getGreatestMinimum getDisplayName getDisplayNames parseObject ' +
    'set2DigitYearStart applyPattern setMinimalDaysInFirstWeek setFirstDayOfWeek getStackTrace setStackTrace addSuppressed initCause'
  ).split(' '),
);

/** Members of Nashorn's `Java` object that are supported. */
const JAVA_MEMBERS: ReadonlySet<string> = new Set(['type', 'from', 'to']);

/** Functions that take packages and classes as they stand. */
const IMPORTERS: ReadonlySet<string> = new Set(['importPackage', 'importClass', 'JavaImporter']);

/** Everything in the script that cannot be supported, in no particular order. */
export function findRefusals(program: TreeNode): Refusal[] {
  const declared = declaredNames(program);
  const defined = definedMembers(program);
  const found: Refusal[] = [];
  walk(program, (node, parent, key) => {
    const message =
      refuseLater(node) ??
      refuseMember(node, defined) ??
      (node.type === 'Identifier' && isReference(node, parent, key) && !declared.has(node['name'] as string)
        ? refuseName(node, parent, key)
        : null) ??
      (node.type === 'MemberExpression' || node.type === 'Identifier'
        ? refuseJavaPath(node, parent, key, declared)
        : null) ??
      (node.type === 'CallExpression' ? (refuseJavaType(node, declared) ?? refusePattern(node)) : null);
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
  if (name === 'load' && called && loadsCompatibility(parent)) return null;
  if (PACKAGE_ROOTS.has(name) && parent?.type === 'MemberExpression' && key === 'object') {
    return `${name}… cannot be used: ${NO_JAVA}`;
  }
  if (name === 'Function' && called) return `Function(…) cannot be used: ${NO_TEXT_CODE}`;
  const reason = Object.hasOwn(REFUSED_NAMES, name) ? REFUSED_NAMES[name] : undefined;
  return reason === undefined ? null : `${name} cannot be used: ${reason}`;
}

/** `load('nashorn:mozilla_compat.js')`, which only brings what is there anyway. */
function loadsCompatibility(call: TreeNode | null): boolean {
  const [file] = (call?.['arguments'] ?? []) as TreeNode[];
  return file?.['value'] === COMPATIBILITY_FILE;
}

/** Members are refused by their name alone: methods where they are called, hooks of the engine wherever they are named. */
function refuseMember(node: TreeNode, defined: ReadonlySet<string>): string | null {
  const member = node.type === 'CallExpression' ? (node['callee'] as TreeNode) : node;
  if (member.type !== 'MemberExpression' || member['computed'] === true) return null;
  const name = String((member['property'] as TreeNode)['name']);
  if (node.type === 'CallExpression' && MISSING_METHODS.has(name) && !defined.has(name)) {
    return `${name} cannot be used: no class has it here; docs/script-compatibility.md has those that there are`;
  }
  const reason =
    Object.hasOwn(REFUSED_MEMBERS, name) && !defined.has(name) ? REFUSED_MEMBERS[name] : undefined;
  const isMethod = !name.startsWith('__');
  if (reason === undefined || isMethod !== (node.type === 'CallExpression')) return null;
  return `${name} cannot be used: ${reason}`;
}

/** `java.util.Xyz.member`: only the whole path is looked at, which is the outermost member expression. */
function refuseJavaPath(
  node: TreeNode,
  parent: TreeNode | null,
  key: string,
  declared: ReadonlySet<string>,
): string | null {
  if (parent?.type === 'MemberExpression' && (key === 'property' || parent['computed'] !== true)) return null;
  const path = dottedPath(node);
  if (path === null || declared.has(path[0] ?? '')) return null;
  if (path[0] === 'Java' && path.length > 1 && !JAVA_MEMBERS.has(path[1] ?? '')) {
    return `${path.join('.')} cannot be used: give a function where Java wants an interface`;
  }
  const plain = path[0] === 'Packages' ? path.slice(1) : path;
  if (path[0] !== 'java' && (path[0] !== 'Packages' || plain.length === 0)) return null;
  const at = plain.findIndex((_, i) => Object.hasOwn(CLASSES, plain.slice(0, i + 1).join('.')));
  if (at >= 0) return refuseStatic(plain, at);
  const isImported = key === 'arguments' && IMPORTERS.has(dottedPath(parent?.['callee'])?.join('.') ?? '');
  const isPackage = CLASS_NAMES.some((name) => name.startsWith(`${plain.join('.')}.`));
  return isPackage && (isImported || parent?.type === 'VariableDeclarator')
    ? null
    : `${path.join('.')} cannot be used: ${reasonFor(plain.join('.'))}`;
}

function reasonFor(name: string): string {
  return REFUSED_CLASSES.find(([prefix]) => `${name}.`.startsWith(prefix))?.[1] ?? NO_JAVA;
}

/** A member of a class that is not there would else be found missing only when a user comes to it. */
function refuseStatic(path: readonly string[], at: number): string | null {
  const name = path.slice(0, at + 1).join('.');
  const member = path[at + 1];
  if (member === undefined || member in Object(CLASSES[name])) return null;
  return `${name}.${member} cannot be used: it is not among the members of ${name} here`;
}

function refuseJavaType(node: TreeNode, declared: ReadonlySet<string>): string | null {
  const callee = node['callee'] as TreeNode;
  const path = callee.type === 'MemberExpression' ? dottedPath(callee) : null;
  if (path?.join('.') !== 'Java.type' || declared.has('Java')) return null;
  const name = javaClassOf(node);
  if (name === null) return 'Java.type needs the name of a class in quotes';
  if (name.endsWith('[]')) return `Java.type('${name}') cannot be used: use a JavaScript array, []`;
  return Object.hasOwn(CLASSES, name) ? null : `Java.type('${name}') cannot be used: ${reasonFor(name)}`;
}

/** Methods whose first argument is a regular expression of Java. */
const PATTERN_METHODS: ReadonlySet<string> = new Set(['matches', 'replaceAll', 'replaceFirst', 'compile']);

/** A pattern that is written out is tried at once, not only when a user comes to it. */
function refusePattern(call: TreeNode): string | null {
  const callee = call['callee'] as TreeNode;
  if (callee.type !== 'MemberExpression' || callee['computed'] === true) return null;
  const [pattern] = call['arguments'] as TreeNode[];
  const text = pattern?.['value'];
  const name = (callee['property'] as TreeNode)['name'] as string;
  const missing = PATTERN_METHODS.has(name) && typeof text === 'string' ? missingPart(text) : null;
  return missing === null ? null : `${missing}; write the pattern without`;
}

/** Names of members that the script defines itself: `{ merge: function … }`, `Box.prototype.getBytes = …`. */
function definedMembers(program: TreeNode): Set<string> {
  const names = new Set<string>();
  walk(program, (node, parent, key) => {
    const isOwn =
      node.type === 'Property' ||
      node.type === 'MethodDefinition' ||
      (node.type === 'MemberExpression' && parent?.type === 'AssignmentExpression' && key === 'left');
    const name = isOwn ? ((node['key'] ?? node['property']) as TreeNode)['name'] : undefined;
    if (typeof name === 'string' && !name.startsWith('__')) names.add(name);
  });
  return names;
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
