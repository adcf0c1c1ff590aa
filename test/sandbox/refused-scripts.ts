/** Scripts that are refused when they are loaded: what is in them, the script, and what the message says and suggests. */

export interface RefusedScript {
  readonly what: string;
  readonly source: string;
  readonly message: RegExp;
}

export const REFUSED_SCRIPTS: readonly RefusedScript[] = [
  {
    what: 'files and modules',
    source: 'function (e) {\n  var fs = require("fs");\n}',
    message: /line 2, column 12: require cannot be used: .*copy what you need into the script/,
  },
  {
    what: 'load of another file',
    source: 'load("helpers.js");\nfunction (e) {}',
    message: /line 1, column 1: load cannot be used: .*copy what you need into the script/,
  },
  {
    what: 'java.io',
    source: 'function (e) { return new java.io.File("x"); }',
    message: /java\.io\.File cannot be used: scripts have no access to files/,
  },
  {
    what: 'java.net',
    source: 'var URL = Java.type("java.net.URL");\nfunction (e) {}',
    message: /Java\.type\('java\.net\.URL'\) cannot be used: scripts have no access to the network/,
  },
  {
    what: 'processes',
    source: 'function (e) {\n\n  java.lang.Runtime.getRuntime().exec("id");\n}',
    message: /line 3, column 3: java\.lang\.Runtime\.getRuntime.* cannot be used: .*processes/,
  },
  {
    what: 'threads',
    source: 'function (e) { java.lang.Thread.sleep(5); }',
    message: /java\.lang\.Thread\.sleep cannot be used: scripts have no threads/,
  },
  {
    what: 'java.time',
    source: 'function (e) { return java.time.LocalDate.now(); }',
    message: /java\.time\.LocalDate\.now cannot be used: use java\.util\.Date, java\.util\.Calendar/,
  },
  {
    what: 'streams',
    source: 'function (e) { return e.memberOf.stream().count(); }',
    message: /stream cannot be used: there are no Java streams; use filter, map, some and every/,
  },
  {
    what: 'Java.extend and JavaAdapter',
    source: 'var T = Java.extend(java.util.Comparator, {});\nfunction (e) {}',
    message: /Java\.extend cannot be used: give a function where Java wants an interface/,
  },
  {
    what: 'arrays of Java',
    source: 'var A = Java.type("java.lang.String[]");\nfunction (e) {}',
    message: /Java\.type\('java\.lang\.String\[\]'\) cannot be used: use a JavaScript array, \[\]/,
  },
  {
    what: 'a member that a Java class does not have here',
    source: 'function (e) { java.util.Collections.shuffle(e.memberOf); }',
    message:
      /java\.util\.Collections\.shuffle cannot be used: it is not among the members of java\.util\.Collections/,
  },
  {
    what: 'a package that is not there',
    source: 'load("nashorn:mozilla_compat.js");\nimportPackage(java.sql);\nfunction (e) {}',
    message: /line 2, column 15: java\.sql cannot be used: of Java there are collections/,
  },
  {
    what: 'javax and other packages',
    source: 'function (e) { return new javax.naming.ldap.LdapName(e.dn); }',
    message: /javax cannot be used: of Java there are collections/,
  },
  {
    what: 'classes of other vendors',
    source: 'function (e) { return com.example.Rules.org(e); }',
    message: /com… cannot be used/,
  },
  {
    what: 'a class by a computed name',
    source: 'function (e) { return Java.type("java.util." + e.cn); }',
    message: /Java\.type needs the name of a class in quotes/,
  },
  {
    what: 'methods of JavaScript that cannot be replaced',
    source: 'Array.prototype.sort = function (f) { return this; };\nfunction (e) { return [].sort(); }',
    message: /line 1, column 1: Array\.prototype\.sort cannot be replaced: give the function a name/,
  },
  {
    what: 'methods that are mixed into those of JavaScript',
    source:
      'function extend(a, b) { for (var k in b) a[k] = b[k]; }\nextend(String.prototype, { trim: null });\nvar f = function (entry) {};',
    message: /line 2, column 1: extend\(String\.prototype, …\) cannot be used: write each method by itself/,
  },
  {
    what: 'methods of Java that no class has here',
    source: 'function (e) {\n  return new java.util.TreeMap().floorEntry("x") + e.cn.getBytes();\n}',
    message:
      /line 2, column 10: floorEntry cannot be used: .*\norgscript\.js line 2, column 52: getBytes cannot be used: there are no bytes/,
  },
  {
    what: 'the number of the line, and bound properties',
    source: 'function (e) { print(__LINE__); Object.bindProperties({}, e); }',
    message:
      /__LINE__ cannot be used: write the number itself\n.*bindProperties cannot be used: copy the properties/,
  },
  {
    what: 'parts of patterns',
    source: 'function (e) {\n  return e.cn.matches("[a-z&&[^x]]+");\n}',
    message: /line 2, column 10: .*classes within classes are not available here; write the pattern without/,
  },
  {
    what: 'hooks of the engine',
    source: 'var o = {};\no.__noSuchProperty__ = function (n) { return null; };\nfunction (e) {}',
    message: /line 2, column 1: __noSuchProperty__ cannot be used: ask with "name in object"/,
  },
  {
    what: 'code in texts',
    source: 'function (e) { return eval("1 + 1") + new Function("return 1")(); }',
    message: /eval cannot be used: code in strings cannot be run; write the code itself/,
  },
  {
    what: 'the environment and the end of the program',
    source: 'function (e) { if ($ENV.HOME) quit(); }',
    message: /\$ENV cannot be used: .*write the value into the script/,
  },
  {
    what: 'promises and timers',
    source: 'function (e) { setTimeout(function () {}, 1); }',
    message: /setTimeout cannot be used: a script must give its answer at once/,
  },
];
