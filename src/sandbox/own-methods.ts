/**
 * Lets a script's own `String.prototype.startsWith = function …` win over the method that JavaScript has: nothing that is
 * shared changes, the script's uses of the name go to a name of its own.
 */

import type { Edit } from './source-edit.ts';
import { isNode, walk, type TreeNode } from './syntax-tree.ts';

/** A built-in method that a script replaces and cannot be let to. */
export interface Irreplaceable {
  readonly at: number;
  readonly message: string;
}

export interface OwnMethods {
  readonly edits: readonly Edit[];
  /** A statement for the beginning of the script; empty where it replaces nothing. */
  readonly prelude: string;
  readonly refused: readonly Irreplaceable[];
}

/** The function in the isolate that makes ready for a name: `$c42uds_own('startsWith', true)`. */
export const OWN_FUNCTION = '$c42uds_own';

const HOLDERS = [Object, Function, Array, String, Boolean, Number, Date, RegExp, Math] as const;
const HOLDER_NAMES = ['Object', 'Function', 'Array', 'String', 'Boolean', 'Number', 'Date', 'RegExp', 'Math'];

/** What the engine asks for by itself, or what Java's own collections have under the same name. */
const IRREPLACEABLE: ReadonlySet<string> = new Set([
  ...[
    'toString',
    'valueOf',
    'toLocaleString',
    'toJSON',
    'constructor',
    'hasOwnProperty',
    'name',
    'message',
    'exec',
  ],
  ...['forEach', 'values', 'prototype', 'length'],
]);
const OF_LISTS: ReadonlySet<string> = new Set([
  'sort',
  'indexOf',
  'lastIndexOf',
  'push',
  'pop',
  'join',
  'concat',
]);

/** What JavaScript had in the original's engine; all else is newer, and a script that asks for it must not find it. */
const OLD_NAMES: ReadonlySet<string> = new Set(
  (
    'apply bind call charAt charCodeAt concat every exec filter forEach hasOwnProperty indexOf isPrototypeOf join ' +
    'lastIndexOf localeCompare map match pop propertyIsEnumerable push reduce reduceRight replace reverse search ' +
    'shift slice some sort splice split substr substring test toExponential toFixed toISOString toJSON toLocaleLowerCase ' +
    'toLocaleUpperCase toLowerCase toPrecision toString toUpperCase trim trimLeft trimRight unshift valueOf create ' +
    'defineProperties defineProperty freeze getOwnPropertyDescriptor getOwnPropertyNames getPrototypeOf isArray ' +
    'isExtensible isFrozen isSealed keys now parse preventExtensions seal UTC fromCharCode abs acos asin atan atan2 ' +
    'ceil cos exp floor log max min pow random round sin sqrt tan'
  ).split(' '),
);

interface Replacement {
  readonly node: TreeNode;
  /** Where the name stands. */
  readonly property: TreeNode;
  readonly holder: string;
  readonly name: string;
}

export function ownMethods(program: TreeNode): OwnMethods {
  const replaced: Replacement[] = [];
  const refused: Irreplaceable[] = [];
  const guarded = new Set<TreeNode>();
  const aliases = aliasesOf(program);
  walk(program, (node) => {
    if (node.type === 'IfStatement') noteGuarded(node, guarded);
    if (node.type === 'CallExpression') refused.push(...refuseMixture(node, aliases));
    const one = replacementIn(node, aliases);
    if (one === null || !isBuiltIn(one)) return;
    // The original's engine had it, so there, too, it stays what it is. Parents come before what they hold.
    const isKept = OLD_NAMES.has(one.name) && (guarded.has(node) || keepsOld(node));
    if (!isKept) replaced.push(one);
  });
  const irreplaceable = replaced
    .filter(
      ({ holder, name }) => IRREPLACEABLE.has(name) || (holder === 'Array.prototype' && OF_LISTS.has(name)),
    )
    .map(({ node, holder, name }) => ({
      at: node.start,
      message: `${holder}.${name} cannot be replaced: give the function a name that JavaScript does not have`,
    }));
  refused.push(...irreplaceable);
  const names = new Set(replaced.map(({ name }) => name));
  const targets = new Set(replaced.map(({ property }) => property));
  const prelude = [...names].map((name) => `${OWN_FUNCTION}('${name}', ${!OLD_NAMES.has(name)});`).join(' ');
  return { edits: names.size === 0 ? [] : renames(program, names, targets), prelude, refused };
}

/** `extend(String.prototype, { … })`: which methods that replaces can only be seen when it runs. */
function refuseMixture(call: TreeNode, aliases: ReadonlyMap<string, string>): Irreplaceable[] {
  const [target] = call['arguments'] as TreeNode[];
  const callee = call['callee'] as TreeNode;
  const name = callee.type === 'MemberExpression' ? nameOf(callee) : callee['name'];
  const holder = target === undefined ? null : holderOf(target, aliases);
  if (
    holder?.endsWith('.prototype') !== true ||
    !/^(?:extend|mixin|assign|defineProperties)$/i.test(String(name))
  ) {
    return [];
  }
  const message = `${String(name)}(${holder}, …) cannot be used: write each method by itself, ${holder}.name = function …`;
  return [{ at: call.start, message }];
}

function renames(program: TreeNode, names: ReadonlySet<string>, targets: ReadonlySet<TreeNode>): Edit[] {
  const edits: Edit[] = [];
  walk(program, (node, parent, key) => {
    if (targets.has(node)) edits.push(renameOf(node));
    if (node.type !== 'MemberExpression') return;
    const property = node['property'] as TreeNode;
    const name = nameOf(node);
    const isWritten = parent?.type === 'AssignmentExpression' && key === 'left';
    if (name === null || !names.has(name) || isWritten || targets.has(property)) return;
    edits.push(renameOf(property));
  });
  return edits;
}

function renameOf(property: TreeNode): Edit {
  const name = `${OWN_FUNCTION}_${String(property['name'] ?? property['value'])}`;
  return { start: property.start, end: property.end, text: property.type === 'Literal' ? `'${name}'` : name };
}

/** All nodes in the branch of a condition, which are visited after it. */
function noteGuarded(statement: TreeNode, guarded: Set<TreeNode>): void {
  if (!isNode(statement['consequent'])) return;
  let asks = false;
  walk(statement['test'] as TreeNode, (node) => {
    const name = node.type === 'MemberExpression' ? nameOf(node) : null;
    asks ||= name !== null && OLD_NAMES.has(name);
  });
  if (asks) walk(statement['consequent'], (node) => guarded.add(node));
}

/** `X.prototype.trim = X.prototype.trim || function …` */
function keepsOld(node: TreeNode): boolean {
  const right = node['right'];
  return isNode(right) && right.type === 'LogicalExpression' && right['operator'] === '||';
}

/** Variables that stand for a built-in prototype. */
function aliasesOf(program: TreeNode): ReadonlyMap<string, string> {
  const aliases = new Map<string, string>();
  walk(program, (node) => {
    const value = node.type === 'VariableDeclarator' ? node['init'] : null;
    const holder = isNode(value) ? holderOf(value, aliases) : null;
    const name = (node['id'] as TreeNode | undefined)?.['name'];
    if (holder !== null && typeof name === 'string') aliases.set(name, holder);
  });
  return aliases;
}

function replacementIn(node: TreeNode, aliases: ReadonlyMap<string, string>): Replacement | null {
  if (node.type === 'AssignmentExpression') {
    const left = node['left'] as TreeNode;
    const holder = left.type === 'MemberExpression' ? holderOf(left['object'] as TreeNode, aliases) : null;
    const name = holder === null ? null : nameOf(left);
    if (holder === null || name === null) return null;
    return { node, property: left['property'] as TreeNode, holder, name };
  }
  const callee = node.type === 'CallExpression' ? (node['callee'] as TreeNode) : null;
  if (callee?.type !== 'MemberExpression' || nameOf(callee) !== 'defineProperty') return null;
  const [target, property] = node['arguments'] as TreeNode[];
  const holder = target === undefined ? null : holderOf(target, aliases);
  const name = property?.type === 'Literal' ? property['value'] : null;
  if (holder === null || property === undefined || typeof name !== 'string') return null;
  return { node, property, holder, name };
}

/** `String.prototype` or `Math`, or a variable that stands for one. */
function holderOf(node: TreeNode, aliases: ReadonlyMap<string, string>): string | null {
  if (node.type === 'Identifier') {
    const name = node['name'] as string;
    return aliases.get(name) ?? (HOLDER_NAMES.includes(name) ? name : null);
  }
  if (node.type !== 'MemberExpression' || nameOf(node) !== 'prototype') return null;
  const name = String((node['object'] as TreeNode)['name']);
  return HOLDER_NAMES.includes(name) ? `${name}.prototype` : null;
}

/** Whether JavaScript has such a method; this process has the same ones as the isolate, but for those of Java. */
function isBuiltIn({ holder, name }: Replacement): boolean {
  const [simple = '', prototype] = holder.split('.');
  const owner: unknown = HOLDERS[HOLDER_NAMES.indexOf(simple)];
  const object = prototype === undefined ? owner : (owner as { prototype?: unknown }).prototype;
  if (object === null || object === undefined || !(name in Object(object))) return false;
  return typeof Object.getOwnPropertyDescriptor(object, name)?.value === 'function';
}

function nameOf(member: TreeNode): string | null {
  const property = member['property'] as TreeNode;
  if (member['computed'] !== true) return (property['name'] as string | undefined) ?? null;
  return typeof property['value'] === 'string' ? property['value'] : null;
}
