"use strict";
// a formula or a picture that is wider than its page can be reached, and scrolled, by keyboard
{
  const wide = new IntersectionObserver((seen) => {
    for (const { target, isIntersecting } of seen) {
      if (!isIntersecting) continue;
      const scrolls = target.scrollWidth > target.clientWidth;
      target.toggleAttribute("data-wide", scrolls);
      if (target.classList.contains("drawing")) continue; // can always be reached
      if (scrolls) target.tabIndex = 0; else target.removeAttribute("tabindex");
    }
  }, { rootMargin: "4000px" });
  for (const box of document.querySelectorAll(".formula, .drawing")) wide.observe(box);
}
