// Live charts; where a script cannot run, the words and tables say the same.
async function draw(packed) {
  const bytes = Uint8Array.from(atob(packed.textContent), (one) => one.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  (0, eval)(await new Response(unpacked).text());
  for (const box of document.querySelectorAll("[data-chart]")) {
    const spec = JSON.parse(document.getElementById(box.dataset.chart).textContent);
    // The box says in words what the chart shows; a name for each of a thousand dots would only be in the way.
    vegaEmbed(box, spec, { actions: false, renderer: "svg" }).then(() => box.querySelector("svg").setAttribute("aria-hidden", "true"));
  }
}
const live = document.getElementById("live");
if (live) draw(live);
// Filters: a row is shown where every choice is one of its own; a claim without such a row is not.
const form = document.getElementById("filters");
function filter() {
  const wanted = [...new FormData(form)].filter(([, value]) => value);
  const fits = (row) => wanted.every(([name, value]) => JSON.parse(row.dataset[name]).includes(value));
  const rows = [...document.querySelectorAll("details.row")];
  for (const row of rows) row.hidden = !fits(row);
  for (const claim of document.querySelectorAll("section.claim")) claim.hidden = !claim.querySelector("details.row:not([hidden])");
  const shown = rows.filter((row) => !row.hidden).length;
  document.getElementById("told").textContent = `${shown} of ${rows.length} rows`;
}
if (form) {
  form.addEventListener("change", filter);
  form.addEventListener("reset", () => setTimeout(filter));
  // A printed page has no pointer: what is folded is opened for it.
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => (one.open = true)));
}
