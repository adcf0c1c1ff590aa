/** Parses a script, taking the syntax that the original's engine had beyond ECMAScript and noting how to rewrite it. */

import { Parser, tokenizer, type Program } from 'acorn';
import type { Edit } from './source-edit.ts';
import type { TreeNode } from './syntax-tree.ts';

export interface ParsedScript {
  readonly program: Program;
  /** What turns the source into ECMAScript. */
  readonly edits: readonly Edit[];
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
  lastTokStart: number;
  lastTokEnd: number;
  type: Token;
  skipSpace(): void;
  next(): void;
  raise(at: number, message: string): never;
  startNode(): TreeNode;
  finishNode(node: object, type: string): TreeNode;
  enterScope(flags: number): void;
  exitScope(): void;
  parseBlock(createNewScope?: boolean): TreeNode;
  parseExpression(): TreeNode;
  parseExprAtom(): TreeNode;
  parseCatchClauseParam(): TreeNode;
  expect(type: Token): void;
  parseForStatement(node: TreeNode): TreeNode;
  parseForIn(node: TreeNode, init: TreeNode): TreeNode;
  parseFunction(node: TreeNode, flags: number, ...rest: unknown[]): TreeNode;
  parseFunctionBody(node: TreeNode, isArrow: boolean, isMethod: boolean, forInit?: unknown): void;
  parseNew(): TreeNode;
  parse(): Program;
}

const PARSER = Parser as unknown as new (options: object, input: string) => ParserInternals;

const FUNCTION_STATEMENT = 1;
const FUNCTION_MAY_BE_NAMELESS = 4;

/** A catch clause while it is parsed; `guard` is its condition, `next` the clause after it. */
interface CatchClause {
  param: TreeNode | null;
  guard?: TreeNode;
  next?: CatchClause;
}

/**
 * acorn with what Nashorn took over from Mozilla's JavaScript: `for each (x in y)`, function statements without a name,
 * functions whose body is an expression, catch clauses with a condition, and an object after the arguments of `new`.
 * Overriding the parser's own steps, rather than searching the text, keeps strings, comments and regular expressions
 * that look like any of these untouched.
 */
class LegacyParser extends PARSER {
  readonly edits: Edit[] = [];
  readonly #eachLoops = new Set<TreeNode>();

  override parseForStatement(node: TreeNode): TreeNode {
    this.skipSpace();
    if (/^each(?![\w$\\])/u.test(this.input.slice(this.pos, this.pos + 5))) {
      this.#replace(this.pos, this.pos + 4, '    ');
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
      this.#replace(inStart, inStart + 2, `of ${VALUES_FUNCTION}(`);
      // Between the list and the body stand closing parentheses and comments only; the last one closes the loop's head.
      const closing = [...tokenizer(this.input.slice(right.end, body.start), { ecmaVersion: 'latest' })].at(
        -1,
      );
      this.#close(right.end + (closing?.start ?? 0), ')');
    }
    return loop;
  }

  override parseFunction(node: TreeNode, flags: number, ...rest: unknown[]): TreeNode {
    if ((flags & FUNCTION_STATEMENT) === 0 || this.type.label !== '(') {
      return super.parseFunction(node, flags, ...rest);
    }
    this.#insert(this.start, ` ${namelessFunction(node)} `);
    return super.parseFunction(node, flags | FUNCTION_MAY_BE_NAMELESS, ...rest);
  }

  /** `function (x) x * 2` */
  override parseFunctionBody(node: TreeNode, isArrow: boolean, isMethod: boolean, forInit?: unknown): void {
    if (isArrow || this.type.label === '{') {
      super.parseFunctionBody(node, isArrow, isMethod, forInit);
      return;
    }
    const { start } = this;
    // The body of an arrow function may be an expression: acorn reads it the same way.
    super.parseFunctionBody(node, true, isMethod, forInit);
    this.#insert(start, '{ return ');
    this.#close(this.lastTokEnd, ' }');
  }

  /** `new Comparator() { compare: … }`: the object is one more argument. */
  override parseNew(): TreeNode {
    const node = super.parseNew();
    const { lastTokStart, lastTokEnd } = this;
    const isNew = node.type === 'NewExpression';
    const between = this.input.slice(lastTokEnd, this.start);
    if (!isNew || this.type.label !== '{' || /[\n\r\u2028\u2029]/.test(between)) return node;
    const given = node['arguments'] as TreeNode[];
    // The parentheses may be left out where the object is all that is given.
    if (this.input[lastTokStart] !== ')') this.#insert(lastTokEnd, '(');
    else this.#replace(lastTokStart, lastTokEnd, given.length === 0 ? ' ' : ',');
    const object = this.parseExprAtom();
    this.#close(object.end, ')');
    // acorn shares one empty list among all calls without arguments.
    return this.finishNode({ ...node, arguments: [...given, object] }, 'NewExpression');
  }

  override parseCatchClauseParam(): TreeNode {
    const expect = this.expect.bind(this);
    let guard: TreeNode | null = null;
    // The parser asks for the closing parenthesis when it has read the name: that is the place of a condition.
    this.expect = (type) => {
      delete (this as Partial<ParserInternals>).expect;
      if (this.type.label === 'if') {
        this.#replace(this.start, this.start + 2, ') { if (');
        this.next();
        guard = this.parseExpression();
      }
      expect(type);
    };
    const param = super.parseCatchClauseParam();
    this.#guard = guard;
    return param;
  }

  #guard: TreeNode | null = null;

  /**
   * Of several catch clauses the first whose condition holds is taken. Each one but the last becomes an `if`, and what
   * is left throws the error again inside a `try` of its own, so that every clause keeps the name that it gave the error.
   */
  parseTryStatement(node: TreeNode): TreeNode {
    const statement = node as unknown as { block: TreeNode; handler: unknown; finalizer: TreeNode | null };
    this.next();
    statement.block = this.parseBlock();
    statement.handler = null;
    statement.finalizer = null;
    let depth = 0;
    let before: CatchClause | null = null;
    while (this.type.label === 'catch' && (before === null || before.guard !== undefined)) {
      if (before !== null) this.#insert(this.start, `else try { throw ${this.#nameOf(before)}; } `);
      const clause = this.#parseCatchClause();
      if (before === null) statement.handler = clause;
      else before.next = clause;
      if (clause.guard !== undefined) depth += 1;
      before = clause;
    }
    if (before?.guard !== undefined) this.#close(this.lastTokEnd, ` else throw ${this.#nameOf(before)};`);
    if (depth > 0) this.#close(this.lastTokEnd, ' }'.repeat(depth));
    if (this.type.label === 'finally') {
      this.next();
      statement.finalizer = this.parseBlock();
    }
    if (before === null && statement.finalizer === null) {
      this.raise(node.start, 'Missing catch or finally clause');
    }
    return this.finishNode(node, 'TryStatement');
  }

  #parseCatchClause(): CatchClause {
    const clause = this.startNode() as unknown as CatchClause & { body: TreeNode };
    this.next();
    clause.param = null;
    this.#guard = null;
    if (this.type.label === '(') {
      this.next();
      clause.param = this.parseCatchClauseParam();
    } else {
      this.enterScope(0);
    }
    if (this.#guard !== null) clause.guard = this.#guard;
    clause.body = this.parseBlock(false);
    this.exitScope();
    this.finishNode(clause, 'CatchClause');
    return clause;
  }

  #nameOf({ param }: CatchClause): string {
    if (param?.type === 'Identifier') return param['name'] as string;
    return this.raise(param?.start ?? this.start, 'A catch clause with a condition needs a name');
  }

  #insert(at: number, text: string): void {
    this.edits.push({ start: at, end: at, text });
  }

  #close(at: number, text: string): void {
    this.edits.push({ start: at, end: at, text, closes: true });
  }

  #replace(start: number, end: number, text: string): void {
    this.edits.push({ start, end, text });
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
