/** Bodies of Org scripts that loop, eat memory, try to get out or to change what others see, and what becomes of them. */

/** The user's failure where it is a pattern, else the organization that the script gives. */
export type Attack = readonly [body: string, result: RegExp | string | null];

const TIME = /took longer than 150 ms/;
const STOPPED = /took longer than 150 ms|used more than 32 MB|could not be stopped/;
const STOPPED_OR_THROWN = new RegExp(`${STOPPED.source}|line \\d+: (?:RangeError|TypeError|SyntaxError)`);
const NO_CODE = /code in strings cannot be run/;

/** Time. */
const TIMES: Readonly<Record<string, Attack>> = {
  'an endless loop': ['for (;;);', TIME],
  'an endless loop in a getter of what it throws': [
    'throw { get stack() { for (;;); }, toString: function () { for (;;); } };',
    TIME,
  ],
  'an endless loop that catches everything': [
    'for (;;) { try { for (;;); } catch (e) {} finally { continue; } }',
    TIME,
  ],
  'a regular expression that backtracks for ever': [
    "return /^(a+)+$/.test('a'.repeat(40) + 'b') ? 'a' : 'b';",
    TIME,
  ],
  'a Java pattern that backtracks for ever': [
    "return '' + ('a'.repeat(40) + 'b').matches('(a|aa)+$');",
    TIME,
  ],
  'a loop in the comparison of a sort': ['[1, 2].sort(function () { for (;;); }); return null;', TIME],
  'loops in the traps of a proxy that is the answer': [
    'return new Proxy({}, { getPrototypeOf: function () { for (;;); } });',
    /returned an object/,
  ],
  'a loop in the text of what is printed': ['print({ toString: function () { for (;;); } });', TIME],
  'a loop in Symbol.hasInstance of a class of its own': [
    'function C() {} Object.defineProperty(C, Symbol.hasInstance, { value: function () { for (;;); } }); return "" + ({} instanceof C);',
    TIME,
  ],
  'a loop between two iterators of its own': [
    'var it = {}; it[Symbol.iterator] = function () { return { next: function () { return { done: false }; } }; }; for each (var x in it); return null;',
    STOPPED,
  ],
  'elements without end in a set': [
    'var s = new Set(); Object.defineProperty(s, Symbol.iterator, { value: function* () { for (;;) yield "a"; } }); java.util.Collections.max(s); return null;',
    STOPPED,
  ],
  'the join of an array of four thousand million holes': [
    'return new Array(4294967295).join("x");',
    STOPPED_OR_THROWN,
  ],
  'digits of a huge BigInt': [
    'return (7n ** 2000000n).toString().length > 1 ? null : null;',
    STOPPED_OR_THROWN,
  ],
};

/** Memory and depth. */
const SIZES: Readonly<Record<string, Attack>> = {
  'recursion without end': [
    'function f() { return f() + 1; } return f();',
    /line \d+: RangeError: Maximum call stack/,
  ],
  'recursion without end in toString': [
    'var o = { toString: function () { return "" + o; } }; return "" + o;',
    /line \d+: RangeError: Maximum call stack/,
  ],
  'recursion without end in a getter of the entry': [
    'function f(n) { return entry.get({ toString: function () { return f(n + 1); } }); } return f(0);',
    /line \d+: RangeError: Maximum call stack/,
  ],
  'recursion without end that catches itself': [
    'function f() { try { f(); } catch (e) { f(); } } f(); return null;',
    STOPPED,
  ],
  'a list that holds itself as a text': [
    'var l = new java.util.ArrayList(); l.add(l); return "" + l;',
    '[(this Collection)]',
  ],
  'two lists that hold each other as a text': [
    'var a = new java.util.ArrayList(), b = new java.util.ArrayList(); a.add(b); b.add(a); return "" + a;',
    /RangeError: Maximum call stack/,
  ],
  'JSON nested a million deep': [
    'var s = "[".repeat(1e6) + "]".repeat(1e6); return "" + JSON.stringify(JSON.parse(s)).length;',
    /RangeError: Maximum call stack|used more than|took longer|SyntaxError/,
  ],
  'a growing list': ["var a = []; for (;;) a.push('x' + a.length);", STOPPED],
  'a growing Map': ['var m = new Map(); for (var i = 0; ; i++) m.set(i, i);', STOPPED],
  'a growing HashMap of Java': [
    'var m = new java.util.HashMap(); for (var i = 0; ; i++) m.put("k" + i, i);',
    STOPPED,
  ],
  'a growing StringBuilder': [
    'var b = new java.lang.StringBuilder("x"); for (;;) b.append(b.toString());',
    /RangeError: Invalid string length/,
  ],
  'a list of 1e8 elements that is filled': [
    'return new Array(1e8).fill(7).length > 1 ? null : null;',
    STOPPED,
  ],
  'a growing BigInt': ['var b = 3n; for (;;) b = b * b;', /took longer|used more|RangeError: Maximum BigInt/],
  'a growing string': ["var s = 'x'; for (;;) s += s;", /RangeError: Invalid string length/],
  'array buffers': ['var a = []; for (;;) a.push(new Uint8Array(1e6));', /took longer|used more|RangeError/],
  'one array buffer of 8 GB': ['return "" + new ArrayBuffer(8589934592).byteLength;', /RangeError/],
  'an array buffer that may grow to 1 TB': [
    'return "" + new ArrayBuffer(8, { maxByteLength: 1099511627776 }).byteLength;',
    /RangeError|^"?8"?$|used more/,
  ],
  'ten million keys': ["var o = {}; for (var i = 0; i < 1e7; i++) o['k' + i] = i; return null;", STOPPED],
  'a generator without end': [
    'var g = (function* () { for (;;) yield 1; })(); return Array.from(g).length + "";',
    STOPPED,
  ],
  'a string of 100 MB': ["return 'x'.repeat(1e8);", /returned a name of 100000000 characters/],
  'a string of 100 MB that is split': ["return '' + 'x,'.repeat(5e7).split(',').length;", STOPPED],
  'replacements that multiply': [
    "var s = 'x'.repeat(1e4); for (;;) s = s.replaceAll('x', 'xxxxxxxxxx'); ",
    /took longer|used more|RangeError/,
  ],
  'an error of 100 MB': [
    "throw new Error('x'.repeat(1e8));",
    /line \d+: Error: x{300,}…$|used more than 32 MB|took longer than 150 ms/,
  ],
  'printing without end': ["for (;;) print('x'.repeat(1e6));", STOPPED],
  'spreading ten million arguments': [
    'return "" + Math.max.apply(null, new Array(1e7));',
    /RangeError: Maximum call stack|NaN/,
  ],
};

/** Ways out, and to what is not there. */
const WAYS_OUT: Readonly<Record<string, Attack>> = {
  'lines in its error': ["throw new Error('a\\nERROR forged\\u2028b');", /Error: a ERROR forged b$/],
  'an error without a text': [
    'throw { toString: null, valueOf: null };',
    /threw something that cannot be shown/,
  ],
  'a proxy as an error': [
    'throw new Proxy({}, { get: function () { throw 1; }, getPrototypeOf: function () { throw 2; } });',
    /cannot be shown/,
  ],
  'a revoked proxy as an answer': [
    'var p = Proxy.revocable([], {}); p.revoke(); return p.proxy;',
    /orgscript\.js/,
  ],
  'the process': ["return this['process'].version;", /of undefined \(reading 'version'\)/],
  'the process by the constructor of a function': [
    "return (function () {}).constructor('return process')().version;",
    NO_CODE,
  ],
  'the process by the constructor of print': [
    "return print.constructor('return this')().process.version;",
    NO_CODE,
  ],
  'the process by the constructor of the entry': [
    "return entry.constructor.constructor('return process')();",
    /of null/,
  ],
  'the process by the constructor of a list': [
    "return entry.list('cn').constructor.constructor('return process')();",
    NO_CODE,
  ],
  'the process by the constructor of a Java class': [
    "return java.util.HashMap.constructor('return this')();",
    NO_CODE,
  ],
  'the process by the constructor of a method of Java': [
    "return 'a'.matches.constructor('return this')();",
    NO_CODE,
  ],
  'the process by the constructor of a bound method': [
    "return new java.util.HashMap().put.constructor('return this')();",
    NO_CODE,
  ],
  'the process by Reflect.construct': [
    "return Reflect.construct((function () {}).constructor, ['return process'])();",
    NO_CODE,
  ],
  'the constructor of generators': [
    "return Object.getPrototypeOf(function* () {}).constructor('yield 1')().next().value;",
    NO_CODE,
  ],
  'the constructor of asynchronous functions': [
    "var f = Object.getOwnPropertyDescriptor({ get a() { return 1; } }, 'a').get; return f.constructor('return 1')();",
    NO_CODE,
  ],
  'eval by another name': ["return this['ev' + 'al']('1');", NO_CODE],
  'eval by with': ["with (globalThis) { return (0, this['eval'])('1'); }", NO_CODE],
  'the frames of the stack': [
    'Error.prepareStackTrace = function (e, sites) { return sites; }; var s = new Error().stack; return typeof s;',
    'string',
  ],
  'the stack of the caller': [
    'Error.prepareStackTrace = function (e, s) { return s; }; return String(arguments.callee.caller.caller);',
    'null',
  ],
  'the caller by name': [
    'function inner() { return typeof inner.caller + inner.caller.caller.caller; } return inner();',
    'functionnull',
  ],
  'what is not there': [
    "return [typeof WebAssembly, typeof SharedArrayBuffer, typeof Atomics, typeof globalThis['Promise'], typeof setTimeout].join();",
    'undefined,undefined,undefined,undefined,undefined',
  ],
  'other names of what is not there': [
    "return ['Wasm', 'process', 'require', 'module', 'global', 'ivm', 'isolate', 'WeakRef', 'FinalizationRegistry', 'ShadowRealm', 'Worker', 'fetch', 'structuredClone', 'gc'].map(function (n) { return typeof globalThis[n]; }).filter(function (t) { return t !== 'undefined'; }).join();",
    null,
  ],
  'a promise by syntax': ["return typeof Array['from' + 'Async'];", 'undefined'],
  'Java by reflection': [
    'return typeof java.lang.String.getClassLoader + typeof new java.util.ArrayList().getClass().forName;',
    'undefinedundefined',
  ],
  'a Java class by a name made while running': [
    "var make = Java['ty' + 'pe']; return '' + make('java.io.' + 'File');",
    /Java\.type\('java\.io\.File'\) cannot be used/,
  ],
  'a file by load': ["return globalThis['lo' + 'ad']('/etc/passwd');", /load cannot be used/],
};

/** Changes to what all users share. */
const CHANGES: Readonly<Record<string, Attack>> = {
  'a polluted prototype': [
    "Object.prototype.department = 'polluted'; Array.prototype.polluted = 1; return null;",
    null,
  ],
  'a prototype polluted by __proto__': [
    "({}).__proto__.hidden = 1; [].__proto__.hidden = 1; ''.__proto__.hidden = 1; entry.list('cn').__proto__.hidden = 1; return null;",
    null,
  ],
  'a prototype polluted by JSON': [
    'Object.assign({}, JSON.parse(\'{"__proto__": {"hidden": 1}}\')); return String({}.hidden);',
    'undefined',
  ],
  'accessors on shared prototypes': [
    "Object.prototype.__defineGetter__('hidden', function () { return 1; }); return null;",
    /TypeError: .*not extensible/,
  ],
  'a replaced method': [
    "var all = [String]; all[0].prototype.toLowerCase = function () { return 'x'; }; Array.prototype.contains = null; JSON.stringify = null; return null;",
    null,
  ],
  'a replaced method, by definition': [
    "var all = [Array]; Object.defineProperty(all[0].prototype, 'push', { value: null }); return null;",
    /TypeError: Cannot redefine/,
  ],
  'an own method in the place of a built-in one, defined while a user is judged': [
    "String.prototype.toUpperCase = function () { return 'x'; }; return 'a'.toUpperCase();",
    /TypeError: Cannot define property/,
  ],
  'a replaced global': [
    'Map = 5; undefined = 6; print = 7; $c42uds_values = 8; $c42uds_list = 9; Java = 1; java = 2; return null;',
    null,
  ],
  'a changed iterator': [
    'Object.getPrototypeOf([][Symbol.iterator]()).next = function () { for (;;); }; return null;',
    null,
  ],
  'a changed iterator of a generator, a pattern or a set': [
    "[(function* () {})(), 'a'.matchAll(/a/g), new Set().values(), ''[Symbol.iterator]()].forEach(function (it) { Object.getPrototypeOf(Object.getPrototypeOf(it)).next = 1; Object.getPrototypeOf(it).next = 1; }); return null;",
    null,
  ],
  'a changed shared class': [
    "Java.type('java.util.HashSet').prototype.add = null; globalThis.java.util = null; console.log = null; return null;",
    null,
  ],
  'changed classes that only their instances lead to': [
    "var m = new java.util.HashMap(); m.put('k', 1); var e = m.entrySet().toArray()[0]; e.constructor.prototype.getKey = null; e.__proto__.getKey = null; m.keySet().__proto__.contains = null; new java.util.LinkedList().__proto__.poll = null; java.util.TimeZone.getDefault().__proto__.getOffset = null; java.util.regex.Pattern.compile('a').matcher('a').__proto__.find = null; return null;",
    null,
  ],
  'a changed constant of a Java class': [
    'java.lang.Integer.MAX_VALUE = 1; java.util.Calendar.YEAR = 99; java.lang.String.CASE_INSENSITIVE_ORDER.compare = null; return null;',
    null,
  ],
  'Symbol.species of lists': [
    "Object.defineProperty(entry.list('cn').constructor, Symbol.species, { value: function () { for (;;); } }); return null;",
    /TypeError: Cannot redefine/,
  ],
  'the statics of regular expressions': [
    "RegExp.$1 = 'x'; RegExp.input = 'hidden'; /(l)eak/.exec('leak'); return RegExp.$1;",
    'l',
  ],
  'a pattern of Java that others use': [
    "var p = 'aXbX'; p.replaceAll('X', 'y'); 'aXb'.matches('a.b'); return p.replaceFirst('X', '$0');",
    'aXbX',
  ],
  'a time zone that everybody is given': [
    "var zones = [java.util.TimeZone.getTimeZone('Europe/Berlin'), java.util.TimeZone.getDefault()]; for each (var z in zones) z.getOffset = function () { return 1e15; }; Object.defineProperty(zones[0], 'getOffset', { value: function () { return 1e15; } }); return null;",
    /TypeError: Cannot define property getOffset, object is not extensible/,
  ],
  'iterators that only the results of calls lead to': [
    "[[1].values().map(String), Iterator.from({ next: function () { return { done: true }; } }), new Intl.Segmenter().segment('a')].forEach(function (it) { Object.getPrototypeOf(it).next = Object.getPrototypeOf(it)[Symbol.iterator] = function () { return { done: true }; }; }); return null;",
    null,
  ],
  'a hidden global by way of a proxy': [
    "Object.defineProperty(new Proxy(globalThis, {}), 'hidden', { value: 1, configurable: true }); return null;",
    null,
  ],
  'a hidden global on the prototype of the global object': [
    'Object.getPrototypeOf(globalThis).hidden = 1; return null;',
    null,
  ],
  'a stuck global by way of a proxy': [
    "Object.defineProperty(new Proxy(globalThis, {}), 'stuck', { value: 1 }); return null;",
    /^A script left stuck changed/,
  ],
  'a global that cannot be removed': [
    "Object.defineProperty(globalThis, 'stuck', { value: 1 }); return null;",
    /^A script left stuck changed/,
  ],
  'a global with an accessor that cannot be removed': [
    'Object.defineProperties(globalThis, { stuck: { get: function () { return 1; } } }); return null;',
    /^A script left stuck changed/,
  ],
  'a sealed global object': [
    'Object.preventExtensions(globalThis); return null;',
    /^A script left globalThis changed/,
  ],
  'a global object with another prototype': [
    'Object.setPrototypeOf(globalThis, { hidden: 1 }); return null;',
    /TypeError: Immutable prototype|^A script left globalThis changed/,
  ],
  'a hidden global': [
    "Object.defineProperty(globalThis, 'hidden', { value: 1, configurable: true }); return null;",
    null,
  ],
  'a hidden global by Reflect and by a setter': [
    "Reflect.defineProperty(globalThis, 'hidden', { value: 1, configurable: true }); globalThis.__defineGetter__('hidden2', function () { return 1; }); Object.assign(globalThis, { hidden3: 1 }); return null;",
    null,
  ],
  'ten thousand globals': ["for (var i = 0; i < 1e4; i++) globalThis['g' + i] = i; return null;", null],
  'an imported package': ['importPackage(java.util); return typeof ArrayList;', 'function'],
  'its own entry kept for the next user': [
    'keep = entry; entry.hidden = 1; this.hidden = entry; return null;',
    null,
  ],
};

/** In two parts, which are tried at the same time: most of the first and of the second end by time-out. */
export const ATTACKS_ON_TIME: Readonly<Record<string, Attack>> = { ...TIMES, ...WAYS_OUT, ...CHANGES };
export const ATTACKS_ON_MEMORY: Readonly<Record<string, Attack>> = SIZES;
