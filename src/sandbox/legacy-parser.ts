/** Parses a script, taking the syntax that the original's engine had beyond ECMAScript and noting how to rewrite it. */

import { Parser, tokenizer, type Program } from 'acorn';

/** Replace `start`..`end` of the source by `text`. Never adds or removes a line, so that line numbers stay true. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

export interface ParsedScript {
  readonly program: Program;
  /** What turns the source into ECMAScript. */
  readonly edits: readonly Edit[];
}

/** A node as a walk over the tree sees it: acorn's own types know every node by its kind, which no walk needs. */
export interface TreeNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

/** The name of the function in the isolate that gives the values of a list, a map or an object, for `for each`. */
export const VALUES_FUNCTION = '$c42uds_values';

/** What {@link namelessFunction} names start with. */
export const NAMELESS_PREFIX = '$c42uds_function';

interface Token {
  readonly label: string;
}

/** The parts of acorn's parser that its type declarations leave out, as far as they are used here. */
interface ParserInternals {
  input: string;
  pos: number;
  start: number;
  type: Token;
  skipSpace(): void;
  parseForStatement(node: TreeNode): TreeNode;
  parseForIn(node: TreeNode, init: TreeNode): TreeNode;
  parseFunction(node: TreeNode, flags: number, ...rest: unknown[]): TreeNode;
  parse(): Program;
}

const PARSER = Parser as unknown as new (options: object, input: string) => ParserInternals;

const FUNCTION_STATEMENT = 1;
const FUNCTION_MAY_BE_NAMELESS = 4;

/**
 * acorn with two additions of Mozilla's JavaScript that Nashorn had: `for each (x in y)`, and a function statement
 * without a name. Overriding the parser's own steps, rather than searching the text, keeps strings, comments and
 * regular expressions that look like either untouched.
 */
class LegacyParser extends PARSER {
  readonly edits: Edit[] = [];
  readonly #eachLoops = new Set<TreeNode>();

  override parseForStatement(node: TreeNode): TreeNode {
    this.skipSpace();
    if (/^each(?![\w$\\])/u.test(this.input.slice(this.pos, this.pos + 5))) {
      this.edits.push({ start: this.pos, end: this.pos + 4, text: '    ' });
      this.pos += 4;
      this.#eachLoops.add(node);
    }
    return super.parseForStatement(node);
  }

  override parseForIn(node: TreeNode, init: TreeNode): TreeNode {
    const inStart = this.start;
    const isIn = this.type.label === 'in';
    const loop = super.parseForIn(node, init);
    if (this.#eachLoops.has(node) && isIn) {
      const { right, body } = loop as unknown as { right: TreeNode; body: TreeNode };
      this.edits.push({ start: inStart, end: inStart + 2, text: `of ${VALUES_FUNCTION}(` });
      // Between the list and the body stand closing parentheses and comments only; the last one closes the loop's head.
      const closing = [...tokenizer(this.input.slice(right.end, body.start), { ecmaVersion: 'latest' })].at(
        -1,
      );
      const end = right.end + (closing?.start ?? 0);
      this.edits.push({ start: end, end, text: ')' });
    }
    return loop;
  }

  override parseFunction(node: TreeNode, flags: number, ...rest: unknown[]): TreeNode {
    if ((flags & FUNCTION_STATEMENT) === 0 || this.type.label !== '(') {
      return super.parseFunction(node, flags, ...rest);
    }
    this.edits.push({ start: this.start, end: this.start, text: ` ${namelessFunction(node)} ` });
    return super.parseFunction(node, flags | FUNCTION_MAY_BE_NAMELESS, ...rest);
  }
}

/** The name that a function statement without one gets. */
export function namelessFunction(node: { readonly start: number }): string {
  return `${NAMELESS_PREFIX}${node.start}`;
}

/**
 * Parses the text of a script.
 * @throws SyntaxError of acorn, with `loc` (line from 1, column from 0)
 */
export function parseScript(source: string): ParsedScript {
  const parser = new LegacyParser({ ecmaVersion: 'latest', sourceType: 'script', locations: true }, source);
  const program = parser.parse();
  return { program, edits: parser.edits };
}

/** The source with all edits made. */
export function applyEdits(source: string, edits: readonly Edit[]): string {
  let text = source;
  for (const edit of [...edits].sort((a, b) => b.start - a.start || b.end - a.end)) {
    text = text.slice(0, edit.start) + edit.text + text.slice(edit.end);
  }
  return text;
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
