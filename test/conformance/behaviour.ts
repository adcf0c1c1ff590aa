/** What services do instead of answering properly: the pieces that scenarios are put together from. */

import { error, type Body } from '../servers/hostile-scim-store.ts';
import type { Script, Step } from '../servers/hostile-scim.ts';

/** Always, as far as any client gets. */
export const EVER = 9_999;

/** Does what was asked and says so. */
export const obey: Script = async (step) => {
  const { status, body, headers } = await step.obey();
  step.send(status, body, headers);
};

/** The request never arrives. */
export const loseRequest: Script = (step) => step.hangUp();

/** The request is done and the answer never arrives. */
export const loseAnswer: Script = async (step) => {
  await step.obey();
  step.hangUp();
};

/** Refuses, with a SCIM error. */
export function refuse(
  status: number,
  scimType: string | null = null,
  headers: Record<string, string> = {},
): Script {
  return (step) => step.send(status, error(status, scimType, `no: ${status}`).body, headers);
}

/** Answers without having done anything. */
export function say(
  status: number,
  body: Body | string | null = null,
  headers: Record<string, string> = {},
): Script {
  return (step) => step.send(status, body, headers);
}

/** Does what was asked and answers something of its own, given what it would have answered. */
export function instead(answer: (step: Step, body: Body) => void): Script {
  return async (step) => answer(step, (await step.obey()).body ?? {});
}

/** Cuts the answer in its middle, whose length was announced or not. */
export function cut(isAnnounced: boolean): Script {
  return instead((step, body) => {
    const text = JSON.stringify(body);
    step.response.writeHead(201, isAnnounced ? { 'content-length': String(text.length) } : {});
    step.response.write(text.slice(0, 30), () => step.hangUp());
  });
}

/** Says nothing at all. */
export const keepSilent: Script = () => undefined;
