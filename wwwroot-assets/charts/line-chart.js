// One line chart on a canvas: create(canvas, options, field for the place that is clicked) once, then update(series,
// marks) with all points, dispose() at the end.
import './chart.umd.js';

const { Chart } = globalThis;
// Okabe and Ito's colours, which colour-blind readers tell apart; dashes tell them apart in print.
const colours = ['#56b4e9', '#e69f00', '#009e73', '#cc79a7', '#d55e00', '#8c9bd6'];
const marks = ['circle', 'triangle', 'rect', 'rectRot', 'star', 'crossRot'];
const dashes = [[], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [1, 3]];

export function create(canvas, options, picked) {
  // Who leaves at once is gone before the server's call arrives.
  if (!canvas) return { update() {}, dispose() {} };
  const ink = name => getComputedStyle(canvas).getPropertyValue(name).trim();
  const theme = () => ({ text: ink('--dim') || '#888', grid: ink('--line') || '#444' });
  let events = [];
  const chart = new Chart(canvas, {
    type: 'line',
    data: { datasets: [] },
    plugins: [{ id: 'events', afterDatasetsDraw: drawEvents }],
    options: {
      animation: false, parsing: false, normalized: true, responsive: true, maintainAspectRatio: false,
      interaction: { mode: 'index', intersect: false },
      onClick(event) {
        if (!picked) return;
        picked.value = String(chart.scales.x.getValueForPixel(event.x));
        picked.dispatchEvent(new Event('change', { bubbles: true }));
      },
      scales: {
        x: axis(options.xLabel, options.logarithmicX, options.dayX ? { ticks: dayTicks } : {}),
        y: axis(options.yLabel, options.logarithmicY, {
          suggestedMin: options.min ?? undefined,
          suggestedMax: options.max ?? undefined,
        }),
      },
      plugins: {
        legend: { labels: { usePointStyle: true, pointStyleWidth: 18, boxHeight: 8, generateLabels: legendLabels } },
        tooltip: {
          callbacks: {
            label: item => [item.dataset.label, item.raw.label, item.dataset.segment ? '' : format(item.parsed.y)]
              .filter(Boolean).join(' '),
            title: items => `${options.xLabel} ${(options.dayX ? day : format)(items[0].parsed.x)}`,
          },
        },
      },
    },
  });

  // What happened, as upright lines; several of one place share theirs.
  function drawEvents({ ctx, chartArea: area, scales: { x } }) {
    if (!area) return;
    ctx.save();
    const { text } = theme();
    Object.assign(ctx, { strokeStyle: text, fillStyle: text, textAlign: 'center', font: '11px sans-serif' });
    ctx.setLineDash([3, 3]);
    const places = new Map();
    for (const { number, x: at } of events) {
      const place = x.getPixelForValue(at);
      if (place >= area.left && place <= area.right) places.set(place, [...(places.get(place) ?? []), number]);
    }
    for (const [place, numbers] of places) {
      ctx.beginPath();
      ctx.moveTo(place, area.top + 12);
      ctx.lineTo(place, area.bottom);
      ctx.stroke();
      ctx.fillText(numbers.join(', '), place, area.top + 9);
    }
    ctx.restore();
  }

  function paint() {
    const { text, grid } = theme();
    for (const scale of Object.values(chart.options.scales)) {
      Object.assign(scale, {
        ticks: { ...scale.ticks, color: text },
        grid: { color: grid },
        title: { ...scale.title, color: text },
      });
    }
    chart.options.plugins.legend.labels.color = text;
  }

  // The palette arrives with the shell's own attribute, after the root's: wait until it is drawn.
  const watcher = new MutationObserver(() => requestAnimationFrame(() => {
    if (!chart.canvas) return;
    paint();
    chart.update('none');
  }));
  watcher.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'], subtree: true });

  return {
    update(series, marks = []) {
      events = marks;
      // Scattered points share no x with each other, nor do spans.
      chart.options.interaction.mode = series.some(s => s.scatter || s.spans) ? 'nearest' : 'index';
      chart.data.datasets = series.map(dataSet);
      if (options.dayX) Object.assign(chart.options.scales.x, daysAround(series));
      paint();
      chart.update('none');
    },
    dispose() { watcher.disconnect(); chart.destroy(); },
  };
}

const axis = (text, logarithmic, extra) => ({
  type: logarithmic ? 'logarithmic' : 'linear',
  title: { display: true, text },
  ticks: logarithmic ? { callback: decade, autoSkip: false } : { maxTicksLimit: 6 },
  grid: {},
  ...extra,
});

// Whole decades along a logarithmic axis, as powers of ten.
const decade = value => Number.isInteger(Math.round(Math.log10(value) * 1e6) / 1e6) ? value.toExponential(0) : null;

// Days since 0001-01-01, as the server counts them: a multiple of 7 is a Monday.
const day = value => new Date((value - 719162) * 86400000).toISOString().slice(0, 10);
const dayTicks = { maxTicksLimit: 8, stepSize: 7, includeBounds: false, callback: day };

// Around a single day the library would draw two centuries.
function daysAround(series) {
  const days = series.flatMap(s => s.points.map(p => p.x)), first = Math.min(...days), last = Math.max(...days);
  return days.length > 0 && last - first < 14 ? { min: first - 7, max: last + 7 } : { min: undefined, max: undefined };
}

const dataSet = ({ name, points, scatter, spans }, i) => ({
  label: name,
  data: points,
  borderColor: colours[i % colours.length],
  backgroundColor: colours[i % colours.length],
  borderDash: dashes[i % dashes.length],
  borderWidth: 1.75,
  showLine: !scatter,
  pointRadius: scatter ? 5 : points.length > 40 ? 0 : 2,
  pointStyle: scatter ? marks[i % marks.length] : 'circle',
  pointHitRadius: 6,
  spanGaps: true,
  ...(spans ? spanStyle : {}),
});

// Every other piece of the line is none: it leads from the end of one span to the beginning of the next. Spans may lie
// over each other, so their points are not in order, and the library must look at each.
const spanStyle = {
  parsing: { xAxisKey: 'x', yAxisKey: 'y' },
  segment: { borderColor: piece => (piece.p0DataIndex % 2 === 0 ? undefined : 'transparent') },
  borderDash: [],
  borderWidth: 4,
  pointRadius: 4,
  pointStyle: 'rect',
};

function format(value) {
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 100000)) return value.toExponential(2);
  return String(Math.round(value * 10000) / 10000);
}

// A line as a line, points as their mark.
function legendLabels(chart) {
  return Chart.defaults.plugins.legend.labels.generateLabels(chart)
    .map(label => (chart.data.datasets[label.datasetIndex].showLine ? { ...label, pointStyle: 'line' } : label));
}
