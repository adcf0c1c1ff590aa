/** Puts a client through a scenario and says what was wrong. */

import { isDeepStrictEqual } from 'node:util';
import type { StoredResource } from '../servers/hostile-scim-store.ts';
import { startHostileScim, type HostileScim } from '../servers/hostile-scim.ts';
import type { ClientAdapter, ClientUnderTest, Person, Result, Scenario, Task } from './scenario.ts';

const REQUEST_TIMEOUT_MS = 200;
/** A client that has not ended by then never does. */
const SCENARIO_TIMEOUT_MS = 8_000;

/** Every deviation from what a correct client does, in words; none for a client that passes. */
export async function judge(scenario: Scenario, adapter: ClientAdapter): Promise<string[]> {
  const server = await startHostileScim();
  const client = adapter.open({
    baseUrl: server.url,
    userName: 'provider@cloud.example.com',
    password: 'correct horse battery',
    connections: scenario.connections ?? 4,
    requestTimeoutMs: REQUEST_TIMEOUT_MS,
  });
  const problems: string[] = [];
  try {
    const course = new Course(scenario, client, server);
    const timeout = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error('the client does not end')), SCENARIO_TIMEOUT_MS).unref();
    });
    problems.push(...(await Promise.race([course.run(), timeout])));
  } catch (error) {
    problems.push(String(error));
  } finally {
    await client.close();
    await server.close();
  }
  return problems;
}

/** A name is the same however its accents are composed. */
function named(server: HostileScim, userName: string): StoredResource[] {
  return [...server.store.users.values()].filter(
    (user) => nameOf(user.body['userName']) === nameOf(userName),
  );
}

function nameOf(userName: unknown): string {
  return String(userName).normalize('NFC').toLowerCase();
}

class Course {
  readonly #scenario: Scenario;
  readonly #client: ClientUnderTest;
  readonly #server: HostileScim;
  readonly #known = new Map<string, { readonly id: string; readonly person: Person }>();
  readonly #problems: string[] = [];

  constructor(scenario: Scenario, client: ClientUnderTest, server: HostileScim) {
    this.#scenario = scenario;
    this.#client = client;
    this.#server = server;
  }

  async run(): Promise<string[]> {
    const { given = [], service, tasks, atOnce = false, expect } = this.#scenario;
    for (const person of given) {
      const result = await this.#do({ provision: person });
      if (result.kind !== 'DONE')
        return [`${person.userName} could not even be provisioned: ${result.words}`];
    }
    const seenBefore = this.#server.seen.length;
    service(this.#server);
    const results: Result[] = [];
    if (atOnce) results.push(...(await Promise.all(tasks.map((task) => this.#do(task)))));
    else for (const task of tasks) results.push(await this.#do(task));
    results.forEach((result, i) => {
      const end = typeof expect.ends === 'string' ? expect.ends : expect.ends[i];
      if (result.kind !== end)
        this.#problems.push(`task ${i + 1} ended ${result.kind}, not ${end}: ${result.words}`);
    });
    const words = results.map((result) => result.words).join('\n');
    if (expect.words !== undefined && !expect.words.test(words))
      this.#problems.push(`says nothing like ${expect.words}: ${words}`);
    this.#judgeService(this.#server.seen.length - seenBefore);
    return this.#problems;
  }

  #judgeService(requests: number): void {
    const { expect } = this.#scenario;
    if (requests > expect.requests) this.#problems.push(`took ${requests} requests, not ${expect.requests}`);
    const names = [...this.#server.store.users.values()].map((user) => nameOf(user.body['userName'])).sort();
    if (!isDeepStrictEqual(names, Object.keys(expect.users).map(nameOf).sort()))
      this.#problems.push(`the service holds ${names.join(', ')}`);
    for (const [userName, wanted] of Object.entries(expect.users)) {
      const body = named(this.#server, userName)[0]?.body ?? {};
      for (const [name, value] of Object.entries(wanted)) {
        const held = body[name];
        if (!isDeepStrictEqual(held, value))
          this.#problems.push(
            `${userName} has ${name} ${JSON.stringify(held)}, not ${JSON.stringify(value)}`,
          );
      }
    }
    const orgs = [...this.#server.store.orgs].sort();
    if (expect.orgs !== undefined && !isDeepStrictEqual(orgs, [...expect.orgs].sort()))
      this.#problems.push(`organizations ${orgs.join(', ')}`);
    const wrong = expect.wrong?.(this.#server) ?? null;
    if (wrong !== null) this.#problems.push(wrong);
  }

  async #do(task: Task): Promise<Result> {
    if ('list' in task) return this.#list(task.list(this.#server));
    const before = 'change' in task ? this.#known.get(task.change) : undefined;
    if ('change' in task && before === undefined)
      return { kind: 'FAILED', words: `${task.change} is not known` };
    const person = 'provision' in task ? task.provision : ({ ...before?.person, ...task.to } as Person);
    const result =
      before === undefined
        ? await this.#client.provision(person)
        : await this.#client.change(before.id, before.person, person);
    if (result.kind === 'DONE') {
      this.#known.set(person.userName, { id: result.id, person });
      this.#judgeId(person, result.id);
    }
    return result;
  }

  /** The id that the client will use from now on has to be the user's. */
  #judgeId(person: Person, id: string): void {
    const ids = named(this.#server, person.userName).map((user) => user.id);
    // A user who is gone and inactive anyway may stay gone.
    if (ids.length === 0 && !person.active) return;
    if (!isDeepStrictEqual(ids, [id]))
      this.#problems.push(`${person.userName} is believed to be ${id}, and is ${ids.join(', ')}`);
  }

  async #list(wanted: readonly string[]): Promise<Result> {
    const ids = await this.#client.list();
    if (ids !== null && !isDeepStrictEqual([...ids].sort(), [...wanted].sort()))
      this.#problems.push(`lists ${ids.length} users, not ${wanted.length}, or some of them twice`);
    return { kind: 'DONE', id: '', words: '' };
  }
}
