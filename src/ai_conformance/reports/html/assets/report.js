// All of the page can be read without this: it unfolds what a link points to, folds and unfolds all, and prints unfolded.
"use strict";
(() => {
  const all = () => [...document.querySelectorAll("main details")];

  // Unfold what holds the target and, for a case, its first fold: who follows a link wants to see the proof.
  const reveal = () => {
    let id;
    try { id = decodeURIComponent(location.hash.slice(1)); } catch { return; }
    const target = id && document.getElementById(id);
    if (!target) return;
    for (let one = target; one; one = one.parentElement) if (one.matches("details")) one.open = true;
    if (target.matches(".case")) for (const one of target.querySelectorAll(":scope > details")) one.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  // A link that is followed a second time changes no address.
  addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='#']");
    if (link && link.hash === location.hash) reveal();
  });

  for (const tools of document.querySelectorAll(".tools")) {
    tools.hidden = false;
    tools.addEventListener("click", (event) => {
      const how = event.target.dataset?.fold;
      if (how) for (const one of all()) one.open = how === "open";
    });
  }

  let folded = [];
  addEventListener("beforeprint", () => {
    folded = all().filter((one) => !one.open);
    for (const one of folded) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of folded) one.open = false;
  });

  reveal();
})();
