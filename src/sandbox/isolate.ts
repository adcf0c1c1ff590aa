/** The isolate in which scripts run: its creation, the code inside it, and the calls into it. */

import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, normalize } from 'node:path';
import ivm from 'isolated-vm';
import type { LoadMessage } from './protocol.ts';
import { scriptUrl } from './realm/thrown.ts';

/** A call that came to its end, one that was stopped for time, or one that took the isolate with it. */
export type CallResult<T> =
  { readonly kind: 'DONE'; readonly value: T } | { readonly kind: 'TIME' } | { readonly kind: 'MEMORY' };

/** The functions of the code inside, by name; arguments and results cross as JSON text, numbers or nothing. */
export type Call = <T>(name: string, args: readonly unknown[], timeoutMs: number) => Promise<CallResult<T>>;

/** For calls into our own code, which needs time but never hangs. */
const OWN_CODE_TIMEOUT_MS = 60_000;

/** Read and removed by the first module of the realm. */
const CLOCK_VARIABLE = '$c42uds_clock';

const REALM_FOLDER = join(import.meta.dirname, 'realm');
const EXTENSION = import.meta.filename.endsWith('.ts') ? '.ts' : '.js';

/**
 * Makes the isolate and loads the scripts; `onStart` is called between the two.
 *
 * @returns the way to call into it, or why the scripts cannot be used
 */
export async function openIsolate(message: LoadMessage, onStart: () => void): Promise<Call | string> {
  const { memoryLimitMb, timeoutMs } = message.limits;
  const isolate: ivm.Isolate = new ivm.Isolate({
    memoryLimit: memoryLimitMb,
    // V8 has lost control of the isolate and this process must not go on; the parent starts another one.
    onCatastrophicError: () => process.kill(process.pid, 'SIGKILL'),
  });
  const context = await isolate.createContext();
  const { clockMs = null } = message;
  if (clockMs !== null) await context.global.set(CLOCK_VARIABLE, clockMs);
  const realm = await loadRealm(isolate, context);
  onStart();
  const functions = new Map<string, ivm.Reference>();
  const call: Call = async (name, args, limit) => {
    const target = functions.get(name) ?? (await realm.get(name, { reference: true }));
    functions.set(name, target);
    return invoke(isolate, target, args, limit);
  };
  await call<null>('withhold', [message.unnamed.join(',')], OWN_CODE_TIMEOUT_MS);
  for (const script of message.scripts) {
    const url = scriptUrl(script.kind);
    const wrapper = await compile(isolate, context, script.code, url);
    if (typeof wrapper === 'string') return `${script.name}: ${wrapper}`;
    const args = [script.kind, script.name, wrapper.derefInto()];
    const result = await call<string | null>('load', args, timeoutMs);
    if (result.kind === 'TIME') return `${script.name} takes longer than ${timeoutMs} ms to load`;
    if (result.kind === 'MEMORY') return `${script.name} uses more than ${memoryLimitMb} MB to load`;
    if (result.value !== null) return result.value;
  }
  await call('expect', [JSON.stringify(message.reads)], OWN_CODE_TIMEOUT_MS);
  const sealed = await call<string | null>('seal', [], OWN_CODE_TIMEOUT_MS);
  return sealed.kind === 'DONE' && sealed.value !== null ? sealed.value : call;
}

async function compile(
  isolate: ivm.Isolate,
  context: ivm.Context,
  code: string,
  filename: string,
): Promise<ivm.Reference | string> {
  try {
    // The function around the script takes the line before the first one.
    const script = await isolate.compileScript(code, { filename, lineOffset: -1 });
    return await script.run(context, { reference: true, timeout: OWN_CODE_TIMEOUT_MS });
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function loadRealm(isolate: ivm.Isolate, context: ivm.Context): Promise<ivm.Reference> {
  const modules = new Map<string, ivm.Module>();
  const pathOf = new Map<ivm.Module, string>();
  const open = (path: string): ivm.Module => {
    const known = modules.get(path);
    if (known !== undefined) return known;
    const text = readFileSync(path, 'utf8');
    const module = isolate.compileModuleSync(EXTENSION === '.ts' ? stripTypeScriptTypes(text) : text, {
      filename: path.slice(REALM_FOLDER.length + 1),
    });
    modules.set(path, module);
    pathOf.set(module, path);
    return module;
  };
  const main = open(join(REALM_FOLDER, `main${EXTENSION}`));
  await main.instantiate(context, (specifier, referrer) => {
    const path = normalize(join(dirname(pathOf.get(referrer) ?? ''), specifier));
    if (dirname(path) !== REALM_FOLDER) throw new Error(`${specifier} is outside the realm`);
    return open(path);
  });
  await main.evaluate({ timeout: OWN_CODE_TIMEOUT_MS });
  return main.namespace;
}

async function invoke<T>(
  isolate: ivm.Isolate,
  target: ivm.Reference,
  args: readonly unknown[],
  timeout: number,
): Promise<CallResult<T>> {
  try {
    // Asynchronous, so that the isolate runs on a thread of its own: this process stays able to hear its parent.
    const value: unknown = await target.apply(undefined, [...args], { timeout });
    return { kind: 'DONE', value: value as T };
  } catch (error) {
    if (isolate.isDisposed) return { kind: 'MEMORY' };
    if (error instanceof Error && error.message.includes('timed out')) return { kind: 'TIME' };
    throw error;
  }
}
