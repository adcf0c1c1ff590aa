/** The command line of `c42uds doctor`. */

import type { Command } from 'commander';
import { takesToo, USUAL_FLAGS } from '../option-arguments.ts';
import type { OwnCommand } from '../script-arguments.ts';

const TAKES = ['--quiet'];

export function addDoctorCommand(program: Command, recognize: (command: OwnCommand) => void): void {
  const command = program
    .command('doctor')
    .description('check the whole path, from files to service, and say what is wrong; writes nothing')
    .helpOption('-h, --help', 'show this help (-help works, too)')
    .allowExcessArguments(false)
    .addHelpText('after', DOCTOR_HELP)
    .action(() => {
      recognize({
        name: 'doctor',
        takes: TAKES,
        invocation: (common, { quiet }) => ({ command: 'DOCTOR', quiet, ...common }),
      });
    });
  takesToo(command, program, [...USUAL_FLAGS, ...TAKES]);
}

const DOCTOR_HELP = `
Examples:
  c42uds doctor                    every check with its result, time and, where something is wrong, what to do
  c42uds doctor --quiet            warnings and failures alone, and one line at the end: before each scheduled run
  c42uds doctor --json             for programs: docs/schemas/doctor.json

Exit codes: 0 no failure, warnings or not; else the code of the first failure, which is that of a run that meets it.`;
