/** Finds, among the functions of a script file, the one that is called for each user. */

import { namelessFunction } from './legacy-parser.ts';
import type { ScriptKind } from './protocol.ts';
import type { Edit } from './source-edit.ts';
import { isNode, isReference, walk, type TreeNode } from './syntax-tree.ts';

/** An expression that gives the function at the end of the file, and what must be edited for it; or why there is none. */
export type EntryPoint =
  | {
      readonly found: true;
      readonly expression: string;
      readonly edits: readonly Edit[];
      /** The function itself; `null` where only running the script tells which one it is. */
      readonly node: TreeNode | null;
    }
  | { readonly found: false; readonly at: number; readonly message: string };

/** The variable that takes the value of a function expression which stands as a statement. */
export const RESULT_VARIABLE = '$c42uds_result';

const MAX_NAMES_SHOWN = 10;

interface NamedFunction {
  readonly name: string;
  readonly node: TreeNode;
}

/**
 * The order: what is assigned to `module.exports` or `exports`; a function without a name; among named ones the
 * only one, the only one that no other uses, the only one with the script's kind in its name, the only one whose
 * parameter is called `entry`; the value of the last expression (a function that returns a function). Where
 * that leaves a choice the script is refused: a guess could deactivate people.
 */
export function findEntryPoint(program: TreeNode, kind: ScriptKind): EntryPoint {
  const body = (program['body'] as TreeNode[]).filter((node) => node.type !== 'EmptyStatement');
  if (assignsExports(program)) return found('[module.exports, exports]', null);
  const nameless = body.filter(isNamelessFunction);
  if (nameless.length > 1) {
    const message = `holds ${nameless.length} functions without a name: one is needed`;
    return { found: false, at: nameless[1]?.start ?? 0, message };
  }
  if (nameless[0] !== undefined) return fromNameless(nameless[0]);
  const named = body.flatMap(namedFunctions);
  if (named.length > 0) return chooseNamed(program, named, kind);
  const last = body.at(-1);
  if (last?.type === 'ExpressionStatement' && last['directive'] === undefined) return fromStatement(last);
  return { found: false, at: 0, message: 'holds no function' };
}

function found(expression: string, node: TreeNode | null, edits: readonly Edit[] = []): EntryPoint {
  return { found: true, expression, edits, node };
}

function fromNameless(node: TreeNode): EntryPoint {
  return node.type === 'FunctionDeclaration' ? found(namelessFunction(node), node) : fromStatement(node);
}

function fromStatement(node: TreeNode): EntryPoint {
  const { expression } = node;
  return found(RESULT_VARIABLE, isFunction(expression) ? expression : null, [
    { start: node.start, end: node.start, text: `${RESULT_VARIABLE} = ` },
  ]);
}

function isNamelessFunction(node: TreeNode): boolean {
  if (node.type === 'FunctionDeclaration') return !isNode(node['id']);
  return node.type === 'ExpressionStatement' && isFunction(node['expression']);
}

function isFunction(value: unknown): value is TreeNode {
  return isNode(value) && (value.type === 'FunctionExpression' || value.type === 'ArrowFunctionExpression');
}

function namedFunctions(node: TreeNode): NamedFunction[] {
  if (node.type === 'FunctionDeclaration') return named(node['id'], node);
  if (node.type === 'VariableDeclaration') {
    return (node['declarations'] as TreeNode[]).flatMap(({ id, init }) =>
      isFunction(init) ? named(id, init) : [],
    );
  }
  const expression = node['expression'];
  if (
    node.type === 'ExpressionStatement' &&
    isNode(expression) &&
    expression.type === 'AssignmentExpression'
  ) {
    return isFunction(expression['right']) ? named(expression['left'], expression['right']) : [];
  }
  return [];
}

function named(id: unknown, node: TreeNode): NamedFunction[] {
  return isNode(id) && id.type === 'Identifier' ? [{ name: id['name'] as string, node }] : [];
}

function chooseNamed(program: TreeNode, all: readonly NamedFunction[], kind: ScriptKind): EntryPoint {
  const uses = usesByName(program);
  const rules: ((one: NamedFunction) => boolean)[] = [
    (one) => !isUsedOutside(uses, one),
    ({ name }) => name.toLowerCase().includes(kind),
    ({ node }) => /^entry$/i.test(String((node['params'] as TreeNode[])[0]?.['name'])),
  ];
  let left = all;
  for (const rule of rules) {
    const matching = left.filter(rule);
    if (matching.length > 0) left = matching;
    if (left.length === 1) break;
  }
  const [only, ...others] = left;
  if (only !== undefined && others.length === 0) return found(only.name, only.node);
  const named = left.slice(0, MAX_NAMES_SHOWN).map(({ name }) => name);
  const names = [...named, ...(left.length > named.length ? ['…'] : [])].join(', ');
  const message = `holds several functions that could be meant (${names}): assign the one to call to module.exports`;
  return { found: false, at: left[1]?.node.start ?? 0, message };
}

/** From where to where in the file a name is used, its declarations apart. */
interface Uses {
  first: number;
  last: number;
}

/** One walk for all names: a walk for each would take seconds for a file with thousands of functions. */
function usesByName(program: TreeNode): ReadonlyMap<unknown, Uses> {
  const uses = new Map<unknown, Uses>();
  walk(program, (node, parent, key) => {
    if (!isReference(node, parent, key) || key === 'id') return;
    if (key === 'left' && parent?.type === 'AssignmentExpression') return;
    const known = uses.get(node['name']);
    if (known === undefined) uses.set(node['name'], { first: node.start, last: node.end });
    else {
      known.first = Math.min(known.first, node.start);
      known.last = Math.max(known.last, node.end);
    }
  });
  return uses;
}

function isUsedOutside(uses: ReadonlyMap<unknown, Uses>, { name, node }: NamedFunction): boolean {
  const range = uses.get(name);
  return range !== undefined && (range.first < node.start || range.last > node.end);
}

function assignsExports(program: TreeNode): boolean {
  let assigns = false;
  walk(program, (node) => {
    if (node.type !== 'AssignmentExpression') return;
    let target = node['left'] as TreeNode;
    while (target.type === 'MemberExpression') {
      const object = target['object'] as TreeNode;
      if (object['name'] === 'module' && (target['property'] as TreeNode)['name'] === 'exports')
        assigns = true;
      target = object;
    }
    if (target['name'] === 'exports') assigns = true;
  });
  return assigns;
}
