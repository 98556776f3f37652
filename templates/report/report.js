"use strict";
(function () {
  var root = document.documentElement, all = function (s, e) { return Array.prototype.slice.call((e || document).querySelectorAll(s)); };
  root.classList.add("js");

  // Theme: automatic, light, dark.
  var themes = ["auto", "light", "dark"], button = document.getElementById("theme");
  function theme(t) {
    if (t === "auto") root.removeAttribute("data-theme"); else root.setAttribute("data-theme", t);
    button.textContent = "Colours: " + t;
    button.value = t;
  }
  function stored() { try { return localStorage.getItem("nativize-theme"); } catch (e) { return null; } }
  theme(themes.indexOf(stored()) >= 0 ? stored() : "auto");
  button.addEventListener("click", function () {
    var t = themes[(themes.indexOf(button.value) + 1) % 3];
    theme(t);
    try { localStorage.setItem("nativize-theme", t); } catch (e) { /* a file without storage */ }
  });

  // Print with everything open.
  var printer = document.getElementById("print");
  if (printer) printer.addEventListener("click", function () { window.print(); });
  var closed = [];
  window.addEventListener("beforeprint", function () {
    closed = all("details:not([open])");
    closed.forEach(function (d) { d.open = true; });
  });
  window.addEventListener("afterprint", function () { closed.forEach(function (d) { d.open = false; }); });

  // "Show all": what is beyond the cap.
  function showAll(b) {
    var box = b.closest("ul") || b.parentElement;
    all(".rest", box).forEach(function (e) { e.classList.add("shown"); });
    (b.closest(".all") || b).classList.add("off");
  }
  document.addEventListener("click", function (e) {
    var b = e.target.closest && e.target.closest("button.more");
    if (b) showAll(b);
  });

  // Search and filters share one pass over what can be searched.
  var box = document.getElementById("q"), hits = document.getElementById("hits"), items = null;
  function index() {
    if (!items) items = all("[data-s]").map(function (e) { return { e: e, t: e.textContent.toLowerCase(), d: e.dataset }; });
    return items;
  }
  function unchecked(name) {
    return all('input[data-f="' + name + '"]').filter(function (i) { return !i.checked; }).map(function (i) { return i.value; });
  }
  function lineMode() { var r = document.querySelector('input[name="lines"]:checked'); return r ? r.value : "all"; }
  function lineOff(e, mode) {
    if (mode === "noted") return !("n" in e.dataset);
    if (mode === "opaque") return !e.classList.contains("o-opaque");
    if (mode === "finding") return !e.querySelector(".n-finding");
    return false;
  }
  function apply() {
    var words = box.value.toLowerCase().split(/\s+/).filter(Boolean), off = {}, mode = lineMode(), n = 0;
    ["sev", "conf", "c", "o"].forEach(function (k) { off[k] = unchecked(k); });
    root.classList.toggle("searching", words.length > 0);
    index().forEach(function (i) {
      var miss = words.some(function (w) { return i.t.indexOf(w) < 0; });
      if (!miss && words.length) n++;
      var hide = miss || ["sev", "conf", "c", "o"].some(function (k) { return i.d[k] !== undefined && off[k].indexOf(i.d[k]) >= 0; });
      if (!hide && i.e.classList.contains("ln")) hide = lineOff(i.e, mode);
      i.e.classList.toggle("off", hide);
      if (!miss && words.length) open(i.e);
    });
    all(".subject").forEach(function (s) { s.classList.toggle("off", !s.querySelector("tbody tr:not(.off)")); });
    all(".answers .card").forEach(function (c) { c.classList.toggle("off", words.length > 0 && !c.querySelector("li:not(.off)")); });
    hits.textContent = words.length ? n + (n === 1 ? " match" : " matches") : "";
  }
  // open shows what hides e.
  function open(e) {
    for (var p = e.parentElement; p && p !== document.body; p = p.parentElement) {
      if (p.tagName === "DETAILS" && !p.open) p.open = true;
      if (p.classList.contains("rest")) p.classList.add("shown");
    }
    if (e.classList.contains("rest")) e.classList.add("shown");
  }
  var timer = 0;
  if (box) {
    box.addEventListener("input", function () { clearTimeout(timer); timer = setTimeout(apply, 120); });
    document.addEventListener("keydown", function (e) {
      if (e.key === "/" && !/^(INPUT|TEXTAREA|SELECT)$/.test(e.target.tagName) && !e.ctrlKey && !e.metaKey) { e.preventDefault(); box.focus(); }
      if (e.key === "Escape" && e.target === box) { box.value = ""; apply(); }
    });
    all(".filters input").forEach(function (i) { i.addEventListener("change", apply); });
  }

  // A link to a line or a fact that is filtered out, capped or folded shows it.
  function reveal() {
    var id = decodeURIComponent(location.hash.slice(1)), e = id && document.getElementById(id);
    if (!e) return;
    open(e);
    if (e.tagName === "DETAILS") e.open = true;
    e.classList.remove("off");
    var s = e.closest(".subject");
    if (s) s.classList.remove("off");
    e.scrollIntoView({ block: /^(SECTION|DETAILS|MAIN)$/.test(e.tagName) ? "start" : "center" });
  }
  window.addEventListener("hashchange", reveal);
  reveal();

  // Tables that sort by a column: the fleet.
  all("button.sort").forEach(function (b) {
    b.addEventListener("click", function () {
      var th = b.closest("th"), table = b.closest("table"), col = Array.prototype.indexOf.call(th.parentElement.children, th);
      var up = th.getAttribute("aria-sort") === "descending";
      all("th[aria-sort]", table).forEach(function (o) { o.removeAttribute("aria-sort"); });
      th.setAttribute("aria-sort", up ? "ascending" : "descending");
      all("button.more", table.closest("section")).forEach(showAll);
      var bodies = all("tbody", table), rows = all("tbody tr", table);
      function value(r) { var t = r.children[col].textContent.trim(), n = parseFloat(t); return isNaN(n) ? t.toLowerCase() : n; }
      rows.sort(function (x, y) { var a = value(x), c = value(y), d = a < c ? -1 : a > c ? 1 : 0; return up ? d : -d; });
      rows.forEach(function (r) { bodies[0].appendChild(r); });
    });
  });
})();
