/** The corpus of legacy scripts, in the sandbox and in Rhino, the engine before Nashorn. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { SCRIPT_KINDS, type ScriptKind } from '../../src/model/scripts.ts';
import type { CompiledScript, WireAnswer, WireEntry } from '../../src/sandbox/protocol.ts';
import { activeOf, orgOf, rolesOf } from '../../src/sandbox/realm/answers.ts';
import { compileScript } from '../../src/sandbox/script-file.ts';
import { ScriptProcess } from '../../src/sandbox/script-process.ts';
import { runInRhino, whyNoRhino, type RhinoAnswer } from '../servers/rhino-oracle.ts';
import { CORPUS } from './legacy/corpus.ts';
import type { Answer, Attributes, LegacyScript } from './legacy/legacy-script.ts';

const NOTHING: Readonly<Record<ScriptKind, string>> = { active: 'true', org: 'null', role: 'null' };

/** One script that holds all scripts of a kind, each in a scope of its own, and asks the one that the entry names. */
function dispatcher(kind: ScriptKind): CompiledScript {
  const wrappers = CORPUS.map((script) =>
    script.kind === kind ? compileScript(kind, `${script.title}.js`, script.source).code : 'null',
  );
  const code = `(function () {
    var all = [${wrappers.join(',\n')}].map(function (wrap) { return wrap && wrap({}, {}); });
    return function (entry) { var judge = all[entry.dn]; return judge ? judge(entry) : ${NOTHING[kind]}; };
  })`;
  return { kind, name: `${kind}.js`, code };
}

/** The DN is the script's number: no script of the corpus asks for `entry.dn`, which the original did not have. */
function wireEntry(attributes: Attributes, number: number): WireEntry {
  const lists = Object.entries(attributes).map(([name, value]) => [name, [value].flat()]);
  return [String(number), Object.fromEntries(lists) as Record<string, readonly string[]>];
}

async function judgeCorpus(): Promise<WireAnswer[]> {
  const entries = CORPUS.flatMap((script, i) => script.cases.map(([attributes]) => wireEntry(attributes, i)));
  const scripts = SCRIPT_KINDS.map(dispatcher);
  const limits = { timeoutMs: 5_000, memoryLimitMb: 64 };
  const process = await ScriptProcess.start(
    { scripts, unnamed: [], reads: [], limits },
    () => {},
    new AbortController().signal,
  );
  const answers: WireAnswer[] = [];
  try {
    await process.judge(
      entries.map((entry) => JSON.stringify(entry)).join(','),
      entries.length,
      { alone: false, partial: false },
      (message) => {
        answers.push(...message.answers);
      },
    );
  } finally {
    await process.kill();
  }
  return answers;
}

function answerOf(kind: ScriptKind, answer: WireAnswer | undefined): Answer | undefined {
  if (answer === undefined || answer === null || typeof answer === 'string') return answer ?? undefined;
  return answer[SCRIPT_KINDS.indexOf(kind)];
}

const judged = judgeCorpus();

test('the corpus holds at least 60 legacy scripts', () => {
  assert.ok(CORPUS.length >= 60, `${CORPUS.length} scripts`);
  assert.equal(new Set(CORPUS.map(({ title }) => title)).size, CORPUS.length);
});

let first = 0;
for (const script of CORPUS) {
  const from = first;
  first += script.cases.length;
  test(`legacy script: ${script.title}`, async () => {
    const answers = (await judged).slice(from, from + script.cases.length);
    assert.deepEqual(
      answers.map((answer) => answerOf(script.kind, answer)),
      script.cases.map(([, expected]) => expected),
    );
  });
}

/** What Rhino said, read as the sandbox reads what a script returns. */
function rhinoAnswer(kind: ScriptKind, answer: RhinoAnswer): Answer | { readonly error: string } {
  if (answer !== null && typeof answer === 'object' && 'error' in answer) return answer;
  try {
    return kind === 'active' ? activeOf(answer) : kind === 'org' ? orgOf(answer) : rolesOf(answer);
  } catch (error) {
    return { error: String(error) };
  }
}

/** The name of the function that the sandbox calls; `null` where it has none and is the value of the file. */
function entryName(script: LegacyScript): string | null {
  const { code } = compileScript(script.kind, 'x.js', script.source);
  const name = /return ([\w$]+);\n\}\)$/.exec(code)?.[1] ?? '';
  return name.startsWith('$c42uds') ? null : name;
}

test('Rhino gives the same answers, except where its documented differences say so', async (t) => {
  const reason = whyNoRhino();
  if (reason !== null) {
    assert.notEqual(process.env['C42UDS_REQUIRE_SERVERS'], '1', reason);
    t.skip(reason);
    return;
  }
  const jobs = CORPUS.map((script) => ({
    source: script.source,
    name: entryName(script),
    entries: script.cases.map(([attributes]) => attributes),
  }));
  const results = await runInRhino(jobs);
  const wrong: object[] = [];
  CORPUS.forEach((script, i) => {
    const expected = script.cases.map(([, answer]) => answer);
    // Java's strings as they come, and bridged as Nashorn does: whichever agrees vouches for the expected answers.
    const both = results[i]?.map((answers) => answers.map((answer) => rhinoAnswer(script.kind, answer)));
    const agrees = both?.some((answers) => JSON.stringify(answers) === JSON.stringify(expected)) === true;
    if (agrees === (script.rhino !== undefined)) {
      wrong.push({ title: script.title, declared: script.rhino ?? 'the same', expected, rhino: both });
    }
  });
  assert.deepEqual(wrong, []);
  const same = CORPUS.filter(({ rhino }) => rhino === undefined).length;
  t.diagnostic(`${same} of ${CORPUS.length} scripts vouched for by Rhino`);
});
