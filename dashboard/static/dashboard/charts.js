// Draws the table of the last day: what a chart shows can be read there. The table is fetched anew, and drawn again.
"use strict";
(() => {
  const box = document.querySelector('[data-chart="day"]');
  const table = () => [...document.querySelectorAll("#day tbody tr")];
  if (!box || !table().length || !window.uPlot) return;
  let at = [], values = [], known = "";
  const column = (index) => values.map((each) => each[index]);
  const read = () => {
    const rows = table();
    at = rows.map((row) => Number(row.dataset.at));
    values = rows.map((row) => row.dataset.values.split(",").map((text) => (text === "" ? null : Number(text))));
    const before = known;
    known = JSON.stringify([at, values]);
    return known !== before && rows.length > 0;
  };
  read();
  box.hidden = false;

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const zone = document.getElementById("zone")?.value ?? "UTC";
  const words = (seconds) => {
    if (seconds === null || seconds === undefined) return "-";
    if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
    return seconds < 60 ? `${Number(seconds.toPrecision(2))} s` : `${Math.round(seconds / 60)} min`;
  };
  const axis = (more) => ({ stroke: colour("soft"), grid: { stroke: colour("line"), width: 1 }, ticks: { show: false }, font: "11px system-ui", ...more });
  const clock = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: "2-digit", minute: "2-digit" });
  const options = (plot, series, axes) => ({
    width: Math.max(240, plot.clientWidth), height: 190, tzDate: (stamp) => uPlot.tzDate(new Date(stamp * 1e3), zone),
    cursor: { y: false, drag: { x: false, y: false } }, legend: { live: true }, padding: [8, 8, 0, 0],
    series: [{ value: (_, stamp) => (stamp === null ? "-" : clock.format(new Date(stamp * 1e3))) }, ...series], axes: [axis({ values: (_, stamps) => stamps.map((stamp) => clock.format(new Date(stamp * 1e3))), space: 60, size: 28 }), axis(axes)],
  });
  const bars = (name, label) => ({ label, fill: colour(name), stroke: colour(name), width: 0, paths: uPlot.paths.bars({ size: [0.7, 40], align: 1 }), points: { show: false } });
  const line = (name, label, dash) => ({ label, stroke: colour(name), width: 1.75, dash, spanGaps: true, points: { show: () => values.length < 60 && column(3).filter((each) => each !== null).length < 3, size: 5 }, value: (_, seconds) => words(seconds) });

  // The bar of the last part has its place, too.
  const step = () => (at.length > 1 ? at[1] - at[0] : 1800);
  const x = { range: (_, first, last) => [first, last + step()] };
  const counted = () => [at, values.map((each) => each[0] + each[1]), column(1)];
  const late = () => [at, column(3), column(4), column(5)];
  const made = [];
  const draw = () => {
    for (const plot of made.splice(0)) plot.destroy();
    const counts = box.querySelector('[data-plot="counts"]');
    const lateness = box.querySelector('[data-plot="lateness"]');
    const shown = bars("good", "succeeded");
    shown.value = (_, number, __, index) => (index === null ? "-" : String(column(0)[index]));
    const failed = bars("bad", "failed");
    failed.value = (_, number) => (number === null || number === undefined ? "-" : String(number));
    made.push(new uPlot({ ...options(counts, [shown, failed], { size: 40 }), scales: { x, y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } } }, counted(), counts));
    made.push(new uPlot({ ...options(lateness, [line("good", "p50"), line("warning", "p95", [6, 3]), line("bad", "p99", [2, 3])], { size: 56, values: (_, ticks) => ticks.map(words) }), scales: { x, y: { range: (_, __, most) => [0, Math.max(0.01, most * 1.1)] } } }, late(), lateness));
  };
  draw();
  let later;
  new ResizeObserver(() => { clearTimeout(later); later = setTimeout(draw, 150); }).observe(box);
  document.addEventListener("htmx:after:swap", () => {
    if (read()) [counted(), late()].forEach((data, index) => made[index].setData(data));
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
