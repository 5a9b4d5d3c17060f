"""Browser contexts that several tests of a module use, one after the other.

The first page of a new context takes a second longer than the next ones: nothing is in its cache,
and all scripts are compiled again. What else a test leaves is removed after it: its tabs, its
cookies, and what its pages have stored.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from browser import close_visit, leave_pages, open_visit
from playwright.sync_api import Browser, BrowserContext

STORED = "local_storage,indexeddb,cache_storage,service_workers"

_IDLE: WeakKeyDictionary[Browser, defaultdict[str, list[BrowserContext]]] = WeakKeyDictionary()
"""By browser and options, those that no test uses now."""


@contextmanager
def kept_context(chromium: Browser, origin: str, **options: object) -> Iterator[BrowserContext]:
    """One for visits of `origin`, as if it were new but for its cache; `options` as for
    open_visit()."""
    idle = _IDLE.setdefault(chromium, defaultdict(list))[repr((origin, sorted(options.items())))]
    context = idle.pop() if idle else open_visit(chromium, **options)
    is_well = False
    try:
        yield context
        is_well = True
    finally:
        if is_well:
            _empty(context, origin)
            idle.append(context)
        else:
            close_visit(context)


@contextmanager
def hearing(context: BrowserContext, **handlers: Callable[[Any], None]) -> Iterator[None]:
    """Call the handlers, by the names of their events, until the block ends."""
    for name, handler in handlers.items():
        context.on(name, handler)  # type: ignore[call-overload]
    try:
        yield
    finally:
        for name, handler in handlers.items():
            context.remove_listener(name, handler)


def _empty(context: BrowserContext, origin: str) -> None:
    leave_pages(context)
    page = context.new_page()
    given = {"origin": origin, "storageTypes": STORED}
    context.new_cdp_session(page).send("Storage.clearDataForOrigin", given)
    context.clear_cookies()
    context.clear_permissions()
    for each in context.pages:
        each.close()
