// Draws each scenario's charts over its static ones: the same figures, on one time axis
// that all panels share, to zoom and to point at. Without this script the static charts
// are there. What is tagged say is put into the report's language when the page is made.
(() => {
  "use strict";
  const colour = name => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  const element = (tag, props, ...children) => {
    const e = Object.assign(document.createElement(tag), props);
    e.append(...children);
    return e;
  };
  const round = (n, digits) => Number(n.toFixed(digits)).toString();
  const seconds = t => (t < 0 ? "−" : "+") + Math.abs(t).toFixed(2) + " s";
  const latency = ms => ms >= 1000 ? round(ms / 1000, 2) + " s" : ms >= 1 ? round(ms, 1) + " ms" : round(ms * 1000, 0) + " µs";
  const shorten = (text, most) => text.length > most ? "…" + text.slice(text.length - most + 1) : text;

  // held is the value of a stepped series at t, or undefined before its first.
  const held = (series, t) => {
    let n;
    for (let i = 0; i < series.t.length && series.t[i] <= t; i++) n = series.n[i];
    return n;
  };

  // steps joins stepped series on one axis.
  const steps = (to, ...all) => {
    const t = [...new Set(all.flatMap(s => s.t).concat(to))].sort((a, b) => a - b);
    return [t, ...all.map(s => t.map(at => held(s, at) ?? null))];
  };

  class Story {
    // view is from and to of what is to be shown at first; without it that is chosen.
    constructor(section, data, view) {
      this.data = data;
      this.section = section;
      this.charts = [];
      this.gone = new AbortController();
      const name = this.section.querySelector("h2").lastChild.textContent.trim();
      this.root = element("div", { className: "live", tabIndex: 0, ariaLabel: say`Charts of ${name}. Arrow keys move, plus and minus zoom, 0 shows everything.` });
      this.root.setAttribute("role", "group");
      this.root.story = this;
      this.readout = element("p", { className: "readout" });
      const buttons = element("p", { className: "buttons" }, this.button(say`Everything`, () => this.zoom(this.data.from, this.data.to)));
      if (this.data.closeUp) buttons.append(this.button(say`Around the failures`, () => this.zoom(...this.data.closeUp)));
      buttons.append(element("small", { textContent: say`Drag to zoom, double-click for everything; with the keyboard ← → + − 0.` }));
      this.root.append(buttons, this.readout);
      this.section.querySelector("figure.static").before(this.root);
      this.panels();
      const d = this.data, close = d.closeUp;
      this.zoom(...view ?? (close && d.marks.every(m => m[0] >= close[0] && m[0] <= close[1]) ? close : [d.from, d.to]));
      this.point(null);
      this.section.classList.add("drawn");
      this.root.addEventListener("keydown", e => this.key(e));
      this.resizing = new ResizeObserver(() => this.resize());
      this.resizing.observe(this.root);
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.charts.forEach(u => u.redraw()), { signal: this.gone.signal });
    }

    // next draws newer data in this story's place. It goes on to show everything where
    // that is what was shown.
    next(data) {
      const whole = this.from === this.data.from && this.to === this.data.to;
      const focused = this.root.contains(document.activeElement);
      this.gone.abort();
      this.resizing.disconnect();
      this.charts.forEach(u => u.destroy());
      const story = new Story(this.section, data, whole ? [data.from, data.to] : [this.from, this.to]);
      this.root.remove();
      if (focused) story.root.focus();
      return story;
    }

    button(text, onclick) { return element("button", { type: "button", textContent: text, onclick }); }

    get gutter() { return this.root.clientWidth < 700 ? 96 : 220; }

    panels() {
      const d = this.data;
      const bins = d.ok.map((_, i) => d.from + i * d.bin);
      this.panel(say`requests`, say`every ${d.bin * 1000} ms`, 110, {
        data: [bins, d.ok.map((n, i) => n + d.failed[i]), d.ok],
        series: [{ stroke: "transparent" }, { fill: () => colour("ok"), width: 0, paths: uPlot.paths.stepped({ align: 1 }), points: { show: false } }],
        y: { range: (u, min, max) => [0, Math.max(1, max) * 1.05] },
        draw: u => this.failedBins(u),
      });
      if (d.marks.length) {
        const counts = d.classes.map((c, i) => [c, d.marks.reduce((n, m) => n + (m[2] === i ? m[3] : 0), 0)]);
        const legend = element("ul", { className: "legend" });
        for (const [c, n] of counts) {
          const item = element("li");
          item.innerHTML = '<svg viewBox="-7 -7 14 14" width="14" height="14" aria-hidden="true"><path/></svg>';
          item.querySelector("path").setAttribute("d", c.shape);
          item.querySelector("path").setAttribute("class", "mark " + c.kind);
          item.append(n.toLocaleString("en") + " " + (c.name === "closed" ? say`${c.name} in flight` : c.name));
          legend.append(item);
        }
        this.root.append(legend);
        this.panel(say`failed requests`, say`mark by class`, 12 + 24 * d.streams.length, {
          data: [d.marks.map(m => m[0]), d.marks.map(m => m[1])], rows: d.streams, draw: u => this.marks(u),
        });
      }
      const l = d.latency;
      const line = name => ({ stroke: () => colour(name), width: 1.6, dash: name === "max" ? [2, 2] : undefined, paths: uPlot.paths.stepped({ align: 1 }), points: { show: false } });
      this.panel(say`latency`, say`median, p99, max of a second`, 130, {
        data: [l.t, l.p50, l.p99, l.max], series: ["p50", "p99", "max"].map(line),
        y: { distr: 3 }, filter: (u, all) => all.map(v => Math.abs(Math.log10(v) % 1) > 1e-6 ? null : v), values: (u, all) => all.map(v => v === null ? "" : latency(v)), under: u => this.heat(u),
      });
      if (d.lookups) {
        const n = d.lookups;
        this.panel(say`name lookups`, say`slowest of a second; dots: some failed`, 84, {
          data: [n.t, n.max, n.max.map((ms, i) => n.failed[i] ? ms : null)],
          series: [
            { stroke: () => colour("max"), width: 1.6, paths: uPlot.paths.stepped({ align: 1 }), points: { show: false } },
            { stroke: () => colour("bad"), fill: () => colour("bad"), paths: () => null, points: { show: true, size: 8 } },
          ],
          y: { range: (u, min, max) => [0, Math.max(1, max ?? 0) * 1.15] }, values: (u, all) => all.map(latency),
        });
      }
      if (d.versions) {
        const dashes = [[], [6, 3], [2, 3], [8, 3, 2, 3]];
        const legend = element("ul", { className: "legend" });
        d.versions.forEach((v, i) => {
          const item = element("li");
          item.innerHTML = '<svg viewBox="0 0 28 14" width="28" height="14" aria-hidden="true"><path d="M0 7H28"/></svg>';
          item.querySelector("path").setAttribute("class", "version v" + i);
          item.append(say`version ${v.name}`);
          legend.append(item);
        });
        this.root.append(legend);
        this.panel(say`versions`, say`answers a second`, 84, {
          data: [d.versionsT, ...d.versions.map(v => v.n)],
          series: d.versions.map((_, i) => ({ stroke: () => colour("v" + i), width: 2, dash: dashes[i], paths: uPlot.paths.stepped({ align: 1 }), points: { show: false } })),
          y: { range: (u, min, max) => [0, Math.max(1, max ?? 0) * 1.1] },
        });
      }
      this.panel(say`ready endpoints`, say`dotted: required minimum`, 84, {
        data: steps(d.to, d.endpoints, d.workload),
        series: [
          { stroke: () => colour("endpoint"), width: 2.4, paths: uPlot.paths.stepped({ align: 1 }), points: { show: false } },
          { stroke: () => colour("quiet"), width: 1.4, dash: [4, 3], paths: uPlot.paths.stepped({ align: 1 }), points: { show: false } },
        ],
        y: { range: (u, min, max) => [0, Math.max(d.replicas, max ?? 0) * 1.15] },
        splits: u => { const top = Math.floor(u.scales.y.max), by = Math.ceil(top / 4); return Array.from({ length: Math.floor(top / by) + 1 }, (_, i) => i * by); },
        draw: u => this.floor(u),
      });
      const rows = d.lanes.map(l => l.note === "node" ? say`${l.name} (node)` : l.name).concat(d.events.length ? [say`Kubernetes Events`] : []);
      this.panel("", "", 40 + 26 * rows.length, { data: [[d.from, d.to], [0, 0]], rows, draw: u => this.lanes(u), last: true });
    }

    // panel adds one strip. rows makes it a strip of named rows, else y is a scale.
    panel(name, note, height, p) {
      const box = element("div", { className: "panel" });
      box.append(element("div", { className: "panelname" }, element("strong", { textContent: name }), element("small", { textContent: note })));
      this.root.append(box);
      const axis = { stroke: () => colour("quiet"), grid: { stroke: () => colour("rule"), width: 1 }, ticks: { show: false }, font: "11px system-ui, sans-serif" };
      const most = this.gutter < 200 ? 13 : 34;
      const y = p.rows
        ? { splits: () => p.rows.map((_, i) => i), values: () => p.rows.map(r => shorten(r, most)), grid: { show: false }, stroke: () => colour("ink") }
        : { values: p.values, splits: p.splits, filter: p.filter, space: 22 };
      const series = p.series ?? [];
      while (series.length < p.data.length - 1) series.push({ paths: () => null, points: { show: false } });
      const u = new uPlot({
        width: this.root.clientWidth, height, legend: { show: false }, padding: [4, 10, p.last ? null : 4, 0],
        scales: {
          x: { time: false, auto: false, min: this.data.from, max: this.data.to },
          y: p.rows ? { dir: -1, range: () => [-0.6, p.rows.length - 0.4] } : p.y,
        },
        axes: [
          { ...axis, size: p.last ? 28 : 0, values: (u, all) => all.map(v => p.last ? (v === 0 ? say`fault` : (v < 0 ? "−" : "+") + round(Math.abs(v), 3) + " s") : "") },
          { ...axis, ...y, size: () => this.gutter },
        ],
        series: [{}, ...series],
        cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: true }, sync: { key: this.section.id }, bind: { dblclick: () => () => { this.zoom(this.data.from, this.data.to); } } },
        hooks: {
          drawClear: [u => this.clipped(u, () => { this.phases(u); p.under?.(u); })],
          draw: [u => { this.clipped(u, () => { p.draw?.(u); this.faults(u); }); }],
          setScale: [(u, key) => { if (key === "x") this.zoom(u.scales.x.min, u.scales.x.max); }],
          setCursor: [u => this.point(u.cursor.left >= 0 ? u.posToVal(u.cursor.left, "x") : null)],
        },
      }, p.data, box);
      u.root.querySelector("canvas").setAttribute("aria-hidden", "true");
      this.charts.push(u);
    }

    clipped(u, draw) {
      u.ctx.save();
      u.ctx.beginPath();
      u.ctx.rect(u.bbox.left, u.bbox.top, u.bbox.width, u.bbox.height);
      u.ctx.clip();
      draw();
      u.ctx.restore();
    }

    // zoom shows from..to on every panel.
    zoom(from, to) {
      if (this.zooming || !(to > from)) return;
      const d = this.data, length = Math.min(Math.max(to - from, 0.05), d.to - d.from);
      from = Math.min(Math.max(from, d.from), d.to - length);
      this.zooming = true;
      for (const u of this.charts) u.setScale("x", { min: from, max: from + length });
      Promise.resolve().then(() => { this.zooming = false; });
      this.from = from;
      this.to = from + length;
    }

    key(e) {
      const length = this.to - this.from, middle = (this.from + this.to) / 2;
      const views = {
        ArrowLeft: [this.from - length / 10, this.to - length / 10], ArrowRight: [this.from + length / 10, this.to + length / 10],
        "+": [middle - length / 4, middle + length / 4], "=": [middle - length / 4, middle + length / 4], "-": [middle - length, middle + length],
        0: [this.data.from, this.data.to], Escape: [this.data.from, this.data.to],
      };
      if (!views[e.key] || e.ctrlKey || e.metaKey || e.altKey) return;
      e.preventDefault();
      this.zoom(...views[e.key]);
      this.point(null);
    }

    resize() {
      const width = this.root.clientWidth;
      for (const u of this.charts) if (width && u.width !== width) u.setSize({ width, height: u.height });
    }

    // point says in words what there is at t.
    point(t) {
      const d = this.data;
      if (t === null || t === undefined) {
        this.readout.textContent = say`From ${seconds(this.from)} to ${seconds(this.to)}; 0 is the fault, at ${new Date(d.zero).toISOString().slice(11, 23)} UTC.`;
        return;
      }
      const near = (this.to - this.from) / 150, said = [seconds(t)];
      const bin = Math.floor((t - d.from) / d.bin + 1e-6);
      if (d.ok[bin] !== undefined) said.push(say`${d.ok[bin]} OK, ${d.failed[bin]} not`);
      const i = d.latency.t.findIndex(at => at <= t && t < at + 1);
      if (i >= 0) said.push(say`median ${latency(d.latency.p50[i])}, p99 ${latency(d.latency.p99[i])}, max ${latency(d.latency.max[i])}`);
      const asked = d.lookups ? d.lookups.t.findIndex(at => at <= t && t < at + 1) : -1;
      if (asked >= 0) said.push(say`slowest lookup ${latency(d.lookups.max[asked])}, ${d.lookups.failed[asked]} failed`);
      const second = d.versions ? d.versionsT.findIndex(at => at <= t && t < at + 1) : -1;
      if (second >= 0) said.push(d.versions.filter(v => v.n[second]).map(v => say`${v.n[second]} from version ${v.name}`).join(", ") || say`no answer`);
      said.push(say`${held(d.endpoints, t) ?? "?"} ready endpoints`);
      const phase = d.phases.findLast(p => p.t <= t);
      if (phase) said.push(phase.name);
      for (const lane of d.lanes) {
        const s = lane.spans.find(s => s.from <= t && t < s.to);
        if (s && s.state !== "ready" && s.state !== "in service") said.push(lane.name + " " + s.state + (lane.endpoint?.some(e => e[0] <= t && t < e[1]) ? say`, still an endpoint` : ""));
      }
      const failed = d.marks.filter(m => Math.abs(m[0] - t) <= near).slice(0, 4);
      said.push(...failed.map(m => "✘ " + d.streams[m[1]] + " " + d.classes[m[2]].name + (m[3] > 1 ? " ×" + m[3] : "")));
      const steps = d.faults.concat(d.events).filter(e => Math.abs(e.t - t) <= near).slice(0, 2);
      said.push(...steps.map(e => e.name));
      this.readout.textContent = said.join(" · ");
    }

    phases(u) {
      const all = this.data.phases;
      all.forEach((p, i) => {
        if (!["fault", "recovery", "settled"].includes(p.name)) return;
        const from = u.valToPos(p.t, "x", true), to = u.valToPos(all[i + 1]?.t ?? this.data.to, "x", true);
        u.ctx.fillStyle = colour("band-" + p.name);
        u.ctx.fillRect(from, u.bbox.top, to - from, u.bbox.height);
      });
    }

    faults(u) {
      u.ctx.strokeStyle = colour("bad");
      u.ctx.lineWidth = 1.2 * devicePixelRatio;
      u.ctx.setLineDash([5 * devicePixelRatio, 3 * devicePixelRatio]);
      for (const f of this.data.faults) {
        const x = u.valToPos(f.t, "x", true);
        u.ctx.beginPath();
        u.ctx.moveTo(x, u.bbox.top);
        u.ctx.lineTo(x, u.bbox.top + u.bbox.height);
        u.ctx.stroke();
      }
      u.ctx.setLineDash([]);
    }

    // failedBins puts what failed on top of what succeeded, and never too thin to be seen.
    failedBins(u) {
      const d = this.data;
      u.ctx.fillStyle = colour("bad");
      d.failed.forEach((n, i) => {
        if (!n) return;
        const x = u.valToPos(d.from + i * d.bin, "x", true), to = u.valToPos(d.from + (i + 1) * d.bin, "x", true);
        const y = u.valToPos(d.ok[i] + n, "y", true), bottom = u.valToPos(d.ok[i], "y", true);
        u.ctx.fillRect(x, Math.min(y, bottom - 2 * devicePixelRatio), Math.max(to - x, devicePixelRatio), Math.max(bottom - y, 2 * devicePixelRatio));
      });
    }

    marks(u) {
      const d = this.data, outlines = d.classes.map(c => new Path2D(c.shape));
      const seen = new Set();
      for (const [t, stream, kind] of d.marks) {
        const x = u.valToPos(t, "x", true), cell = Math.floor(x / (3 * devicePixelRatio)) * 1000 + stream * 32 + kind;
        if (seen.has(cell)) continue;
        seen.add(cell);
        u.ctx.save();
        u.ctx.translate(x, u.valToPos(stream, "y", true));
        u.ctx.scale(devicePixelRatio, devicePixelRatio);
        u.ctx.strokeStyle = colour(d.classes[kind].kind);
        u.ctx.lineWidth = 1.7;
        u.ctx.stroke(outlines[kind]);
        u.ctx.restore();
      }
    }

    heat(u) {
      const l = this.data.latency, most = Math.max(1, ...l.heat.flatMap(pairs => pairs.filter((_, i) => i % 2)));
      u.ctx.fillStyle = colour("ok");
      l.heat.forEach((pairs, i) => {
        const x = u.valToPos(l.t[i], "x", true), width = u.valToPos(l.t[i] + 1, "x", true) - x;
        for (let j = 0; j < pairs.length; j += 2) {
          const low = l.heatFrom * 10 ** (pairs[j] / l.perDecade), high = l.heatFrom * 10 ** ((pairs[j] + 1) / l.perDecade);
          u.ctx.globalAlpha = 0.12 + 0.6 * Math.log1p(pairs[j + 1]) / Math.log1p(most);
          u.ctx.fillRect(x, u.valToPos(high, "y", true), width, u.valToPos(low, "y", true) - u.valToPos(high, "y", true));
        }
      });
      u.ctx.globalAlpha = 1;
    }

    floor(u) {
      const y = u.valToPos(this.data.floor, "y", true);
      u.ctx.strokeStyle = colour("bad");
      u.ctx.lineWidth = devicePixelRatio;
      u.ctx.setLineDash([devicePixelRatio, 3 * devicePixelRatio]);
      u.ctx.beginPath();
      u.ctx.moveTo(u.bbox.left, y);
      u.ctx.lineTo(u.bbox.left + u.bbox.width, y);
      u.ctx.stroke();
      u.ctx.setLineDash([]);
    }

    lanes(u) {
      const d = this.data, dpr = devicePixelRatio;
      u.ctx.font = 11 * dpr + "px system-ui, sans-serif";
      u.ctx.textBaseline = "middle";
      u.ctx.textAlign = "left";
      d.lanes.forEach((lane, row) => {
        const y = u.valToPos(row, "y", true);
        for (const s of lane.spans) {
          const x = Math.max(u.valToPos(s.from, "x", true), u.bbox.left), to = Math.min(u.valToPos(s.to, "x", true), u.bbox.left + u.bbox.width);
          if (to <= x) continue;
          u.ctx.fillStyle = colour(s.class);
          u.ctx.fillRect(x, y - 10 * dpr, to - x, 15 * dpr);
          if (to - x > u.ctx.measureText(s.state).width + 8 * dpr) {
            u.ctx.fillStyle = colour("ink");
            u.ctx.fillText(s.state, x + 4 * dpr, y - 2.5 * dpr);
          }
        }
        u.ctx.fillStyle = colour("endpoint");
        for (const [from, to] of lane.endpoint ?? []) u.ctx.fillRect(u.valToPos(from, "x", true), y + 6 * dpr, u.valToPos(to, "x", true) - u.valToPos(from, "x", true), 4 * dpr);
      });
      u.ctx.fillStyle = colour("quiet");
      for (const e of d.events) {
        u.ctx.beginPath();
        u.ctx.arc(u.valToPos(e.t, "x", true), u.valToPos(d.lanes.length, "y", true), 3 * dpr, 0, 7);
        u.ctx.fill();
      }
    }
  }

  for (const node of document.querySelectorAll("script.series")) {
    const section = node.closest("section");
    let story = new Story(section, JSON.parse(node.textContent));
    section.addEventListener("series", e => { story = story.next(e.detail); });
  }
})();
