"""A page opened in a real browser, and what is asked of every page."""

from __future__ import annotations

from contextlib import contextmanager


@contextmanager
def opened(browser, url, **options):
    """A window of its own; what its console complains of is in `complaints`."""
    context = browser.new_context(**options)
    page = context.new_page()
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("console", lambda it: page.complaints.append(it.text) if it.type == "error" else None)
    page.goto(url)
    yield page
    context.close()


def nameless_controls(page):
    """Controls and pictures of which a screen reader could not say what they are."""
    return page.evaluate(
        "[...document.querySelectorAll('button, input, select, img, progress, canvas, svg[role]')]"
        ".filter(it => !(it.labels?.length || it.ariaLabel || it.alt || it.textContent.trim() || "
        "it.getAttribute('aria-labelledby') || it.closest('[hidden]'))).map(it => it.id)"
    )


def least_contrast(page, parts):
    """WCAG 2.1's contrast of text and what is behind it, the lowest of several parts."""
    return page.evaluate(_CONTRAST, parts)


_CONTRAST = """(parts) => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map((it) => {
      const share = it / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratios = parts.map((name) => {
    let behind = document.querySelector(name);
    const ink = light(getComputedStyle(behind).color);
    const isClear = () => getComputedStyle(behind).backgroundColor === "rgba(0, 0, 0, 0)";
    while (isClear()) behind = behind.parentElement;
    const paper = light(getComputedStyle(behind).backgroundColor);
    return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
  });
  return Math.min(...ratios);
}"""
