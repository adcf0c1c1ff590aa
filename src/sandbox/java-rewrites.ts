/** Rewrites what is JavaScript by its syntax but Java by its meaning: `length()`, `importClass`, `new java.lang.String`. */

import { tokenizer } from 'acorn';
import { keepingLines, type Edit } from './source-edit.ts';
import { dottedPath, isNode, javaClassOf, walk, type TreeNode } from './syntax-tree.ts';

/** The function in the isolate that answers `x.length()` for strings and lists, whose `length` is no function. */
const LENGTH_FUNCTION = '$c42uds_length';

/** Classes whose instances are JavaScript's own strings, numbers and booleans: `new` would make objects of them. */
const PRIMITIVE_CLASSES: ReadonlySet<string> = new Set(
  ['String', 'Integer', 'Long', 'Short', 'Byte', 'Double', 'Float', 'Boolean'].map(
    (name) => `java.lang.${name}`,
  ),
);

/** The edits for a script's tree. */
export function javaRewrites(program: TreeNode, source: string): Edit[] {
  const edits: Edit[] = [];
  const primitives = primitiveNames(program);
  walk(program, (node) => {
    if (node.type === 'CallExpression') edits.push(...rewriteLength(node, source));
    else if (node.type === 'ExpressionStatement') {
      edits.push(...rewriteImportClass(node, source), ...addNewerNames(node));
    } else if (node.type === 'NewExpression') edits.push(...rewriteNew(node, primitives));
  });
  return edits;
}

function rewriteLength(call: TreeNode, source: string): Edit[] {
  const callee = call['callee'] as TreeNode;
  const isLength =
    callee.type === 'MemberExpression' &&
    callee['computed'] !== true &&
    callee['optional'] !== true &&
    (callee['property'] as TreeNode)['name'] === 'length' &&
    (call['arguments'] as unknown[]).length === 0;
  if (!isLength) return [];
  const object = callee['object'] as TreeNode;
  const property = callee['property'] as TreeNode;
  // Between the object and the name stand closing parentheses, comments and the dot.
  const between = source.slice(object.end, property.start);
  const dot = [...tokenizer(between, { ecmaVersion: 'latest' })].at(-1);
  const start = object.end + (dot?.start ?? 0);
  return [
    { start: call.start, end: call.start, text: `${LENGTH_FUNCTION}(` },
    { start, end: call.end, text: keepingLines(')', source.slice(start, call.end)) },
  ];
}

/**
 * `importClass(java.util.Date)` replaces even names that JavaScript has itself. Those cannot be replaced for one script
 * alone while it runs, so a variable of the script takes the class.
 */
function rewriteImportClass(statement: TreeNode, source: string): Edit[] {
  const call = statement['expression'] as TreeNode;
  if (call.type !== 'CallExpression' || dottedPath(call['callee'])?.join() !== 'importClass') return [];
  const variables: string[] = [];
  for (const argument of call['arguments'] as TreeNode[]) {
    const name = javaClassOf(argument);
    if (name === null) return [];
    variables.push(`${name.split('.').at(-1) ?? ''} = ${name}`);
  }
  if (variables.length === 0) return [];
  const text = source.slice(call.start, call.end);
  return [{ start: call.start, end: call.end, text: keepingLines(`var ${variables.join(', ')}`, text) }];
}

/** `Map` and `Set` are newer than the original's JavaScript: there `importPackage(java.util)` brings Java's. */
function addNewerNames(statement: TreeNode): Edit[] {
  const call = statement['expression'] as TreeNode;
  if (call.type !== 'CallExpression' || dottedPath(call['callee'])?.join() !== 'importPackage') return [];
  if (!(call['arguments'] as TreeNode[]).some((one) => javaClassOf(one) === 'java.util')) return [];
  return [
    { start: call.end, end: call.end, text: '; var Map = java.util.Map, Set = java.util.Set', closes: true },
  ];
}

/** Names that the script gives to {@link PRIMITIVE_CLASSES}. */
function primitiveNames(program: TreeNode): Set<string> {
  const names = new Set<string>();
  walk(program, (node) => {
    const [target, value] =
      node.type === 'VariableDeclarator'
        ? [node['id'], node['init']]
        : node.type === 'AssignmentExpression'
          ? [node['left'], node['right']]
          : [];
    if (isNode(target) && target.type === 'Identifier' && isPrimitiveClass(value)) {
      names.add(target['name'] as string);
    }
    // An importer is remembered with a dot. Of its names, JavaScript's own stay what they are in `with`.
    if (isNode(target) && importsLang(value)) names.add(`${String(target['name'])}.`);
    if (importsLang(node))
      for (const name of ['Integer', 'Long', 'Short', 'Byte', 'Double', 'Float']) names.add(name);
    if (node.type === 'CallExpression' && dottedPath(node['callee'])?.join() === 'importClass') {
      for (const argument of node['arguments'] as TreeNode[]) {
        if (isPrimitiveClass(argument)) names.add(javaClassOf(argument)?.split('.').at(-1) ?? '');
      }
    }
  });
  return names;
}

function isPrimitiveClass(node: unknown): boolean {
  const name = javaClassOf(node);
  return name !== null && PRIMITIVE_CLASSES.has(name);
}

/** `imports.Integer`, where `imports` is a `JavaImporter`. */
function isImported(callee: TreeNode, primitives: ReadonlySet<string>): boolean {
  const [object, name, ...rest] = dottedPath(callee) ?? [];
  return rest.length === 0 && primitives.has(`${object}.`) && PRIMITIVE_CLASSES.has(`java.lang.${name}`);
}

/** Whether a call imports names of java.lang: the whole package, or classes of it. */
function importsLang(node: unknown): boolean {
  if (!isNode(node) || (node.type !== 'CallExpression' && node.type !== 'NewExpression')) return false;
  if (!/^(?:JavaImporter|importPackage)$/.test(dottedPath(node['callee'])?.join('.') ?? '')) return false;
  return (node['arguments'] as TreeNode[]).some((one) => javaClassOf(one)?.startsWith('java.lang') === true);
}

/** These classes give the plain value when they are called without `new`. */
function rewriteNew(node: TreeNode, primitives: ReadonlySet<string>): Edit[] {
  const callee = node['callee'] as TreeNode;
  const isOne =
    isPrimitiveClass(callee) ||
    (callee.type === 'Identifier' && primitives.has(callee['name'] as string)) ||
    (callee.type === 'MemberExpression' && (isPrimitiveClass(callee) || isImported(callee, primitives)));
  return isOne ? [{ start: node.start, end: node.start + 3, text: '   ' }] : [];
}
