/** Legacy scripts: dates by their years, their properties and their limits. */

import type { LegacyScript } from './legacy-script.ts';

const UTC = "java.util.TimeZone.getTimeZone('UTC')";

export const DATES: readonly LegacyScript[] = [
  {
    title: 'Date: years count from 1900',
    kind: 'role',
    source: `function (entry) {
  var f = new java.text.SimpleDateFormat("yyyy-MM-dd HH:mm"), d = new java.util.Date(115, 0, 1);
  var out = [f.format(d), f.format(new java.util.Date(199, 11, 31, 23, 59)), "" + d.getYear()];
  d.setYear(114);
  out.push(f.format(d), f.parse(entry.expires + " 00:00").before(new java.util.Date(115, 0, 1)) ? "over" : "runs");
  return out;
}`,
    cases: [
      [
        { expires: '2014-12-31' },
        ['2015-01-01 00:00', '2099-12-31 23:59', '115', '2014-01-01 00:00', 'over'],
      ],
      [
        { expires: '2015-01-01' },
        ['2015-01-01 00:00', '2099-12-31 23:59', '115', '2014-01-01 00:00', 'runs'],
      ],
    ],
  },
  {
    title: 'Date: its fields as properties',
    kind: 'org',
    source: `function (entry) {
  var d = new java.util.Date(115, 4, 9, 13, 30, 15);
  d.month = 5;
  return [d.year, d.month, d.date, d.day, d.hours, d.minutes, d.seconds].join(" ");
}`,
    cases: [[{}, '115 5 9 2 13 30 15']],
  },
  {
    title: 'setters as properties: time, time zone and lenient',
    kind: 'org',
    source: `function (entry) {
  var f = new java.text.SimpleDateFormat("yyyy-MM-dd"), c = java.util.Calendar.getInstance();
  f.timeZone = ${UTC};
  c.timeZone = ${UTC};
  f.lenient = false;
  try { c.time = f.parse(entry.expires); } catch (e) { return "bad"; }
  return (c.time.before(new java.util.Date(115, 0, 1)) ? "over " : "running ") + f.format(c.time) + " " + c.timeInMillis;
}`,
    cases: [
      [{ expires: '2014-05-01' }, 'over 2014-05-01 1398902400000'],
      [{ expires: '2015-13-45' }, 'bad'],
    ],
  },
  {
    title: 'SimpleDateFormat: what is no date when it is not lenient',
    kind: 'org',
    source: `function (entry) {
  var f = new java.text.SimpleDateFormat(entry.pattern, java.util.Locale.ENGLISH), out = [];
  f.setTimeZone(${UTC});
  for each (var lenient in [true, false]) {
    f.setLenient(lenient);
    try { out.push(f.parse(entry.text).getTime()); } catch (e) { out.push("bad"); }
  }
  return out.join(" ");
}`,
    cases: [
      [{ pattern: 'yyyy-MM-dd', text: '2015-13-45' }, '1455408000000 bad'],
      [{ pattern: 'yyyy-MM-dd', text: '2015-2-29' }, '1425168000000 bad'],
      [{ pattern: 'yyyy-MM-dd HH:mm', text: '2015-02-28 24:00' }, '1425168000000 bad'],
      [{ pattern: 'yyyy-MM-dd hh:mm a', text: '2015-02-28 13:00 PM' }, '1425171600000 bad'],
      [{ pattern: 'yyyy-MM-dd hh:mm a', text: '2015-02-28 12:00 AM' }, '1425081600000 1425081600000'],
      [{ pattern: 'EEE, dd MMM yyyy', text: 'Mon, 28 Feb 2015' }, '1425081600000 bad'],
      [{ pattern: 'yyyyMMddHHmmssZ', text: '20150131120000Z' }, 'bad bad'],
      [{ pattern: 'yyyyMMddHHmmssZ', text: '20150131120000+0100' }, '1422702000000 1422702000000'],
      [{ pattern: 'yyyyMMddHHmmssZ', text: '20150131120000+01:00' }, 'bad bad'],
      [{ pattern: 'yyyyMMddHHmmssz', text: '20150131120000PST' }, '1422734400000 1422734400000'],
      [{ pattern: 'yyyyMMddHHmmssX', text: '20150131120000Z' }, '1422705600000 1422705600000'],
      [{ pattern: 'yyyyMMddHHmmssXX', text: '20150131120000+01' }, 'bad bad'],
      [{ pattern: 'yyyyMMddHHmmssXXX', text: '20150131120000+01:00' }, '1422702000000 1422702000000'],
      [{ pattern: 'D yyyy', text: '45 2015' }, '1423872000000 1423872000000'],
      [{ pattern: 'yyyyMMdd', text: '201502' }, 'bad bad'],
    ],
  },
  {
    title: 'Calendar: clear, getActualMaximum, equals, hours of the clock and days of the year',
    kind: 'role',
    source: `function (entry) {
  var Calendar = java.util.Calendar, c = Calendar.getInstance(), d = new java.util.GregorianCalendar(2016, 1, 29);
  var f = new java.text.SimpleDateFormat("yyyy-MM-dd HH:mm:ss.SSS"), out = [];
  c.clear();
  out.push(f.format(c.getTime()));
  c.set(2016, 1, 29);
  out.push("" + c.equals(d), "" + c.getActualMaximum(Calendar.DAY_OF_MONTH), "" + c.getActualMaximum(Calendar.DAY_OF_YEAR));
  c.set(Calendar.HOUR, 5);
  out.push(f.format(c.getTime()));
  c.set(Calendar.DAY_OF_YEAR, 100);
  out.push(f.format(c.getTime()));
  return out;
}`,
    cases: [
      [
        {},
        [
          ...['1970-01-01 00:00:00.000', 'true', '29', '366'],
          ...['2016-02-29 05:00:00.000', '2016-04-09 05:00:00.000'],
        ],
      ],
    ],
  },
  {
    title: 'TimeZone: what Java does not know is GMT',
    kind: 'org',
    source: `function (entry) {
  var names = ["UTC+2", "GMT+2", "GMT-05:30", "+02:00", "Europe/Berlin", "Nowhere/Land"], out = [];
  for each (var name in names) out.push(java.util.TimeZone.getTimeZone(name).getOffset(1420070400000) / 60000);
  return out.join(" ");
}`,
    cases: [[{}, '0 120 -330 0 60 0']],
  },
  {
    title: 'Date: a text that is no date, and null',
    kind: 'org',
    source: `function attempt(f) { try { return "" + f(); } catch (e) { return "thrown"; } }
function (entry) {
  var d = new java.util.Date(0), f = new java.text.SimpleDateFormat("yyyy");
  return [attempt(function () new java.util.Date("not a date")), attempt(function () d.before(entry.absent)),
    attempt(function () f.parse(entry.absent)), attempt(function () d.compareTo(null))].join(" ");
}`,
    cases: [[{}, 'thrown thrown thrown thrown']],
  },
];
