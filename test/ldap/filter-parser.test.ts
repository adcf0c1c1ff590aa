/** A filter must mean on the wire what it says on paper, or be refused with its place. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BerReader, BerWriter } from 'ldapts';
import { formatFilter, writeFilter } from '../../src/ldap/filter.ts';
import type { Filter } from '../../src/ldap/filter.ts';
import { checkFilter, FilterSyntaxError, parseFilter } from '../../src/ldap/filter-parser.ts';
import { RunError } from '../../src/model/errors.ts';
import { readFilter } from '../servers/scripted-ldap.ts';
import { randomOf } from './random.ts';
import type { Random } from './random.ts';

/** The filter as a server reads it. */
function onTheWire(filter: Filter): string {
  const writer = new BerWriter();
  writeFilter(writer, filter);
  return readFilter(new BerReader(writer.buffer));
}

test('every kind of filter reaches the server as it was written', () => {
  for (const text of [
    '(cn=Babs Jensen)',
    '(!(cn=Tim Howes))',
    '(&(objectClass=Person)(|(sn=Jensen)(cn=Babs J*)))',
    '(o=univ*of*mich*)',
    '(o=*x)',
    '(seeAlso=)',
    '(cn:caseExactMatch:=Fred Flintstone)',
    '(cn:=Betty Rubble)',
    '(sn:dn:2.4.6.8.10:=Barney Rubble)',
    '(o:dn:=Ace Industry)',
    '(:1.2.3:=Wilma Flintstone)',
    '(:dn:2.4.6.8.10:=Dino)',
    '(userAccountControl:1.2.840.113556.1.4.803:=2)',
    '(o=Parens R Us \\28for all your parenthetical needs\\29)',
    '(cn=*\\2a*)',
    '(filename=C:\\5cMyFile)',
    '(bin=\\00\\00\\00\\04)',
    '(sn=Lu\\c4\\8di\\c4\\87)',
    '(1.3.6.1.4.1.1466.0=\\04\\02\\48\\69)',
    '(cn;lang-de=Bj*)',
    '(cn;lang-de;x-1=*)',
    '(a>=1)',
    '(a<=1)',
    '(a~=b)',
    '(mail=*)',
    '(&)',
    '(|)',
  ]) {
    assert.equal(onTheWire(parseFilter(text)), text.replaceAll('\\48\\69', 'Hi'));
  }
});

test('escapes from \\\\80 on are bytes, and the same as the characters in UTF-8', () => {
  assert.equal(onTheWire(parseFilter('(givenName=Bj\\c3\\b6rn)')), '(givenName=Bj\\c3\\b6rn)');
  assert.equal(onTheWire(parseFilter('(givenName=Björn)')), '(givenName=Bj\\c3\\b6rn)');
  const guid = '(objectGUID=\\e9\\4b\\01\\ff\\80\\00\\7f\\aa\\e9\\4b\\01\\ff\\80\\00\\7f\\aa)';
  const filter = parseFilter(guid);
  assert.equal(filter.type === 'EQUAL' && filter.value.toString('hex'), 'e94b01ff80007faae94b01ff80007faa');
});

test('white space around the brackets is passed over, within a value it counts', () => {
  const text = '\n( & (objectClass=person)\r\n\t( | (cn= a b ) (sn=x) )\n ( ! (mail=*) ) )\n';
  assert.equal(onTheWire(parseFilter(text)), '(&(objectClass=person)(|(cn= a b )(sn=x))(!(mail=*)))');
});

test('what is no filter is refused with its place and what is wrong', () => {
  const cases: [text: string, position: number, problem: RegExp][] = [
    ['', 1, /empty/],
    ['   ', 4, /empty/],
    ['objectClass=person', 1, /begins with "\("/],
    ['(&(a=b)', 1, /never closed/],
    ['(a=b))', 6, /too many/],
    ['(a=b)(c=d)', 6, /join filters/],
    ['(a)', 3, /belongs after "a"/],
    ['()', 2, /attribute name/],
    ['(=b)', 2, /attribute name/],
    ['(a b=c)', 3, /belongs after "a"/],
    ['(a=b\\zz)', 5, /two hexadecimal digits/],
    ['(a=b\\2)', 5, /two hexadecimal digits/],
    ['(a=b\\*)', 5, /two hexadecimal digits/],
    ['(a=b(c)', 5, /written \\28/],
    ['(a>=b*)', 6, /written \\2a/],
    ['(a:=b*)', 6, /written \\2a/],
    ['(a:dn:1.2:3.4:=b)', 10, /":=" belongs/],
    ['(:=b)', 2, /matching rule is needed/],
    ['(!(a=b)(c=d))', 8, /one filter only/],
    ['((a=b))', 2, /not another/],
    ['(&(a=b)c)', 8, /"\)" is missing/],
    ['(!a=b)', 3, /begins with/],
    ['(1a=b)', 2, /attribute name/],
    ['(a=b\0c)', 5, /NUL/],
    ['(a=b\n)', 5, /line break/],
    [`${'(!'.repeat(101)}(a=b)${')'.repeat(101)}`, 201, /nested/],
  ];
  for (const [text, position, problem] of cases) {
    assert.throws(
      () => parseFilter(text),
      (error) => {
        assert.ok(error instanceof FilterSyntaxError);
        assert.match(error.message, problem);
        assert.equal(error.position, position, `${text}: ${error.message}`);
        return true;
      },
    );
  }
});

test('in a filter of several lines the place is a line and a character', () => {
  assert.throws(() => parseFilter('(&\n  (a=b)\n  (c)\n)'), /\(line 3, character 5, at "\)/);
});

test('checkFilter names where the filter stands and ends the run with the given code', () => {
  checkFilter('(mail=*)', 'FILE_INVALID', 'x');
  for (const code of ['FILE_INVALID', 'CONFIG_INVALID'] as const) {
    assert.throws(
      () => checkFilter('(mail=*', code, 'people.filter'),
      (error) =>
        error instanceof RunError &&
        error.code === code &&
        error.message.startsWith('people.filter is not an LDAP'),
    );
  }
});

function randomFilter(random: Random, depth: number): Filter {
  const attribute = random.pick(['cn', 'mail', 'x-y', '1.2.3', 'cn;lang-de']);
  const bytes = (min: number): Buffer =>
    Buffer.from(Array.from({ length: min + random.below(6) }, () => random.below(256)));
  const kind = depth > 3 ? 3 + random.below(5) : random.below(8);
  switch (kind) {
    case 0:
    case 1:
      return {
        type: kind === 0 ? 'AND' : 'OR',
        parts: Array.from({ length: random.below(4) }, () => randomFilter(random, depth + 1)),
      };
    case 2:
      return { type: 'NOT', part: randomFilter(random, depth + 1) };
    case 3:
      return { type: 'PRESENT', attribute };
    case 4: {
      const any = Array.from({ length: random.below(3) }, () => bytes(1));
      const initial = random.below(2) === 0 ? null : bytes(1);
      const final = initial === null && any.length === 0 ? bytes(1) : random.below(2) === 0 ? null : bytes(1);
      return { type: 'SUBSTRINGS', attribute, initial, any, final };
    }
    case 5:
      return {
        type: 'EXTENSIBLE',
        attribute,
        rule: random.pick([null, '1.2.3']),
        dnAttributes: random.below(2) === 0,
        value: bytes(0),
      };
    default:
      return {
        type: random.pick(['EQUAL', 'GREATER_OR_EQUAL', 'LESS_OR_EQUAL', 'APPROXIMATE'] as const),
        attribute,
        value: bytes(0),
      };
  }
}

test('any filter survives writing and parsing, and means the same on the wire (2,000 random ones)', () => {
  const random = randomOf(20_260_101);
  for (let i = 0; i < 2000; i++) {
    const filter = randomFilter(random, 0);
    const text = formatFilter(filter);
    assert.deepEqual(parseFilter(text), filter, `seed ${random.seed}: ${text}`);
    assert.equal(onTheWire(parseFilter(text)), text, `seed ${random.seed}`);
  }
});

test('no text makes the parser fail in any other way than it says (3,000 mutilated filters)', () => {
  const random = randomOf(7);
  for (let i = 0; i < 3000; i++) {
    const whole = formatFilter(randomFilter(random, 0));
    const at = random.below(whole.length + 1);
    const text =
      whole.slice(0, at) +
      random.pick(['', '(', ')', '\\', '*', ' ', '=', ':', 'ö', '\0']) +
      whole.slice(at + random.below(2));
    try {
      parseFilter(text);
    } catch (error) {
      assert.ok(error instanceof FilterSyntaxError, `seed ${random.seed}: ${text}`);
      assert.ok(error.position >= 1 && error.position <= text.length + 1);
    }
  }
});
