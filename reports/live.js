// Follows a run that goes on: the charts of the scenario under way are redrawn with every
// event, and the page is loaded again when a scenario begins or ends.
(() => {
  "use strict";
  const source = new EventSource("events");
  const tell = text => { document.querySelector(".verdict .reason").textContent = text; };
  source.onopen = () => { document.body.dataset.live = "following"; };
  source.onerror = () => tell(say`The run does not respond: it has ended, or is busy.`);
  source.addEventListener("series", e => {
    const { name, series } = JSON.parse(e.data);
    const section = document.getElementById(name);
    if (section) section.dispatchEvent(new CustomEvent("series", { detail: series }));
    else { location.hash = name; location.reload(); }
  });
  source.addEventListener("ended", () => location.reload());
  source.addEventListener("over", e => {
    source.close();
    document.querySelector(".verdict .word").textContent = say`over`;
    tell(say`The run has ended. Its report is ${JSON.parse(e.data)}.`);
  });
})();
