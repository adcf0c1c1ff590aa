/** Follows the entry through a script: which variables may hold it. Names are not told apart by scope, which only errs to more. */

import { isNode, walk, type TreeNode } from './syntax-tree.ts';

/** Where a node stands. */
export interface Place {
  readonly parent: TreeNode;
  readonly key: string;
}

/** What there is in a script. */
export interface Definitions {
  readonly places: ReadonlyMap<TreeNode, Place>;
  readonly functions: readonly TreeNode[];
  /** Functions by the names under which the script calls them. */
  readonly named: ReadonlyMap<string, readonly TreeNode[]>;
  /** `variable = value`, with or without `var`. */
  readonly assignments: readonly { readonly target: TreeNode; readonly value: TreeNode }[];
  readonly calls: readonly TreeNode[];
  /** Whether a callee is a function of the script, whose parameters are followed. */
  isOwnFunction(callee: unknown): boolean;
}

/** Functions that are given to these methods get elements of lists, never the entry, unless that was put into a list. */
const LIST_METHODS: ReadonlySet<string> = new Set([
  'forEach',
  'some',
  'every',
  'filter',
  'map',
  'flatMap',
  'reduce',
  'find',
  'findIndex',
  'sort',
  'removeIf',
  'replace',
]);

export function definitionsOf(program: TreeNode): Definitions {
  const places = new Map<TreeNode, Place>();
  const functions: TreeNode[] = [];
  const named = new Map<string, TreeNode[]>();
  const assignments: { target: TreeNode; value: TreeNode }[] = [];
  const calls: TreeNode[] = [];
  const name = (id: unknown, value: unknown): void => {
    if (!isNode(id) || id.type !== 'Identifier' || !isFunction(value)) return;
    named.set(id['name'] as string, [...(named.get(id['name'] as string) ?? []), value]);
  };
  walk(program, (node, parent, key) => {
    if (parent !== null) places.set(node, { parent, key });
    if (isFunction(node)) {
      functions.push(node);
      name(node['id'], node);
    }
    if (node.type === 'CallExpression') calls.push(node);
    const [target, value] =
      node.type === 'VariableDeclarator'
        ? [node['id'], node['init']]
        : node.type === 'AssignmentExpression'
          ? [node['left'], node['right']]
          : [];
    if (!isNode(target) || !isNode(value)) return;
    name(target, value);
    if (target.type === 'Identifier') assignments.push({ target, value });
  });
  const isOwnFunction = (callee: unknown): boolean =>
    isNode(callee) && callee.type === 'Identifier' && named.has(callee['name'] as string);
  return { places, functions, named, assignments, calls, isOwnFunction };
}

/**
 * The names of all variables that may hold the entry; `null` where that cannot be followed.
 * @param called the function that gets the entry; `null`: any of the script's functions may
 */
export function entryVariables(
  definitions: Definitions,
  called: TreeNode | null,
): ReadonlySet<string> | null {
  const holders = new Set<string>();
  const first =
    called === null ? definitions.functions.filter((one) => !isCallback(one, definitions)) : [called];
  for (const one of first) if (!takeInto(holders, one, called === null ? null : 0)) return null;
  for (let before = -1; before < holders.size;) {
    before = holders.size;
    for (const { target, value } of definitions.assignments) {
      if (mayHold(holders, value)) holders.add(target['name'] as string);
    }
    for (const call of definitions.calls) {
      for (const [at, argument] of (call['arguments'] as TreeNode[]).entries()) {
        if (!mayHold(holders, argument) || !definitions.isOwnFunction(call['callee'])) continue;
        const name = (call['callee'] as TreeNode)['name'] as string;
        for (const one of definitions.named.get(name) ?? []) if (!takeInto(holders, one, at)) return null;
      }
    }
  }
  return holders;
}

/** Notes the parameter at `at` (`null`: every one) as a holder; false where it cannot be followed. */
function takeInto(holders: Set<string>, one: TreeNode, at: number | null): boolean {
  const params = one['params'] as TreeNode[];
  if (params.some((param) => param.type === 'RestElement')) return false;
  for (const param of at === null ? params : params.slice(at, at + 1)) {
    const target = param.type === 'AssignmentPattern' ? (param['left'] as TreeNode) : param;
    if (target.type === 'Identifier') holders.add(target['name'] as string);
    // A pattern takes attributes by name, and those names are in the script; unless it takes the rest, too.
    else if (!namesAll(target)) return false;
  }
  return true;
}

/** Whether a pattern takes nothing but what it names. */
export function namesAll(pattern: TreeNode): boolean {
  return (
    pattern.type === 'ObjectPattern' &&
    (pattern['properties'] as TreeNode[]).every(
      (property) => property.type === 'Property' && property['computed'] !== true,
    )
  );
}

function mayHold(holders: ReadonlySet<string>, value: TreeNode): boolean {
  switch (value.type) {
    case 'Identifier':
      return holders.has(value['name'] as string);
    case 'ConditionalExpression':
      return [value['consequent'], value['alternate']].some((one) => mayHold(holders, one as TreeNode));
    case 'LogicalExpression':
    case 'AssignmentExpression':
      return [value['left'], value['right']].some((one) => mayHold(holders, one as TreeNode));
    case 'ChainExpression':
      return mayHold(holders, value['expression'] as TreeNode);
    default:
      return false;
  }
}

function isCallback(one: TreeNode, { places }: Definitions): boolean {
  const place = places.get(one);
  if (place?.parent.type !== 'CallExpression' || place.key !== 'arguments') return false;
  const callee = place.parent['callee'] as TreeNode;
  if (callee.type !== 'MemberExpression' || callee['computed'] === true) return false;
  return LIST_METHODS.has((callee['property'] as TreeNode)['name'] as string);
}

function isFunction(value: unknown): value is TreeNode {
  return isNode(value) && /^(?:Function|ArrowFunction)/.test(value.type);
}
