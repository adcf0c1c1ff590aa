/** The three charts, drawn anew whenever the colours or the width change. */

const STACK = [
  { name: 'failed', title: 'Failed' },
  { name: 'deactivated', title: 'Deactivated', colour: 'deactivate' },
  { name: 'reactivated', title: 'Reactivated', colour: 'reactivate' },
  { name: 'updated', title: 'Updated', colour: 'update' },
  { name: 'created', title: 'Created', colour: 'create' },
];
const CHART_HEIGHT = 216;
const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif';

/** Five words stand side by side. */
const SMALL_FONT = FONT.replace('12px', '11px');

const drawn = [];

/** @param totals `[action, number]` of this run; @param history earlier live runs, the oldest first */
function drawCharts(totals, history) {
  for (const chart of drawn.splice(0)) chart.destroy();
  drawTotals(document.getElementById('totals'), totals);
  const some = history.length > 0;
  for (const id of ['history', 'durations']) document.getElementById(`${id}-card`).hidden = !some;
  document.getElementById('totals-card').classList.toggle('alone', !some);
  if (!some) return;
  drawHistory(document.getElementById('history'), history);
  drawDurations(document.getElementById('durations'), history);
}

function plot(place, options, data) {
  const width = Math.max(200, Math.floor(place.clientWidth));
  drawn.push(new uPlot({ width, height: CHART_HEIGHT, padding: [16, 8, 0, 4], ...options }, data, place));
}

const axis = (more) => ({
  stroke: colour('muted'),
  font: FONT,
  ticks: { show: false },
  grid: { stroke: colour('line'), width: 1 },
  ...more,
});

/** Counts are whole: no axis says 0.5. */
const whole = (plotted, splits) => splits.map((value) => (Number.isInteger(value) ? short(value) : ''));
const short = (number) =>
  number >= 1e6
    ? `${+(number / 1e6).toFixed(1)}M`
    : number >= 1e4
      ? `${+(number / 1e3).toFixed(1)}k`
      : count(number);

function drawTotals(place, totals) {
  const names = totals.map(([name]) => name);
  const values = totals.map(([, number]) => number);
  const most = Math.max(1, ...values);
  const fill = names.map((name) => colour(name));
  // Words that have no room side by side stand on two lines in turn.
  const isNarrow = widestOf(names) + 6 > place.clientWidth / (names.length + 0.2);
  const words = names.map((name, at) => (isNarrow && at % 2 === 1 ? `\n${name}` : name));
  const labels = (u) => {
    u.ctx.save();
    u.ctx.font = `600 ${12 * devicePixelRatio}px system-ui, sans-serif`;
    u.ctx.fillStyle = colour('text');
    u.ctx.textAlign = 'center';
    u.ctx.textBaseline = 'bottom';
    values.forEach((value, at) => {
      u.ctx.fillText(
        count(value),
        u.valToPos(at, 'x', true),
        u.valToPos(value, 'y', true) - 3 * devicePixelRatio,
      );
    });
    u.ctx.restore();
  };
  plot(
    place,
    {
      legend: { show: false },
      cursor: { show: false },
      scales: { x: { time: false, range: [-0.6, names.length - 0.4] }, y: { range: [0, most * 1.12] } },
      axes: [
        axis({
          splits: () => names.map((_, at) => at),
          values: () => words,
          font: SMALL_FONT,
          grid: { show: false },
          gap: 6,
          size: isNarrow ? 48 : 34,
        }),
        { show: false },
      ],
      series: [
        {},
        {
          paths: uPlot.paths.bars({
            size: [0.62, 72],
            radius: [0.12, 0],
            disp: { fill: { unit: 3, values: () => fill }, stroke: { unit: 3, values: () => fill } },
          }),
          points: { show: false },
        },
      ],
      hooks: { draw: [labels] },
    },
    [values.map((_, at) => at), values],
  );
}

/** In CSS pixels, as the labels are drawn. */
function widestOf(names) {
  const context = document.createElement('canvas').getContext('2d');
  context.font = SMALL_FONT;
  return Math.max(...names.map((name) => context.measureText(name).width));
}

const dayAndTime = (run) => `${run.startedAt.slice(5, 10)} ${run.startedAt.slice(11, 16)}`;

/** Runs stand side by side, not along the clock: an hourly schedule with a gap would leave no room for the bars. */
function runAxis(history) {
  return axis({
    grid: { show: false },
    size: 36,
    gap: 9,
    space: 96,
    incrs: [1, 2, 5, 10, 20, 50],
    values: (u, splits) =>
      splits.map((at) => (Number.isInteger(at) && history[at] ? dayAndTime(history[at]) : '')),
  });
}

function runScale(history) {
  return { time: false, range: [-0.7, history.length - 0.3] };
}

/** Away from the bars the legend tells of the latest run. */
const told = (history, at) => history[at ?? history.length - 1];

function runLabel(history) {
  return { label: 'Run', value: (u, _value, _series, at) => moment(told(history, at).startedAt) };
}

function drawHistory(place, history) {
  const at = history.map((_, index) => index);
  const sums = history.map(() => 0);
  const layers = STACK.map(({ name }) => history.map((run, index) => (sums[index] += run[name])));
  // The tallest layer first, so that each one covers the lower part of the one before it.
  const series = STACK.map(({ name, title, colour: paint = name }) => ({
    label: title,
    fill: colour(paint),
    stroke: colour(paint),
    width: 0,
    points: { show: false },
    paths: uPlot.paths.bars({ size: [0.7, 40] }),
    value: (u, _value, _series, index) => count(told(history, index)[name]),
  })).reverse();
  const most = Math.max(1, ...sums);
  plot(
    place,
    {
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: { x: runScale(history), y: { range: [0, most * 1.08] } },
      axes: [runAxis(history), axis({ values: whole, size: 48 })],
      series: [runLabel(history), ...series],
    },
    [at, ...layers.reverse()],
  );
}

function drawDurations(place, history) {
  const seconds = history.map((run) => run.durationMs / 1000);
  const good = history.map((run, at) => (run.exitCode === 0 ? seconds[at] : null));
  const bad = history.map((run, at) => (run.exitCode === 0 ? null : seconds[at]));
  const most = Math.max(1, ...seconds);
  const bars = (label, name, own) => ({
    label,
    stroke: colour(name),
    fill: colour(name),
    width: 0,
    points: { show: false },
    paths: uPlot.paths.bars({ size: [0.7, 40] }),
    value: (u, _value, _series, at) => own(told(history, at)),
  });
  plot(
    place,
    {
      cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
      scales: { x: runScale(history), y: { range: [0, most * 1.08] } },
      axes: [
        runAxis(history),
        axis({
          size: 52,
          values: (u, splits) =>
            splits.map((value) => (value < 1 ? `${value} s` : duration(value * 1000).replace('.0 s', ' s'))),
        }),
      ],
      series: [
        runLabel(history),
        bars('Exit code 0', 'create', (run) => (run.exitCode === 0 ? duration(run.durationMs) : '–')),
        bars('Other exit code', 'failed', (run) =>
          run.exitCode === 0 ? '–' : `${duration(run.durationMs)}, exit code ${run.exitCode}`,
        ),
      ],
    },
    [history.map((_, at) => at), good, bad],
  );
}
