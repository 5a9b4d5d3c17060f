"""The catalog: websites, tokens, salts, imports, profiles and the audit log. Every call is one
transaction of its own.

Calls that write raise Unavailable if that is not possible now. Calls block, so async callers use a
thread. They are safe from several threads and processes.
"""

import secrets
from collections.abc import Collection
from hmac import compare_digest
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Table, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from footfall.catalog import token as tokens
from footfall.catalog import website as websites
from footfall.catalog.access_table import ACCESS_OF_WEBSITE
from footfall.catalog.audit import Audit
from footfall.catalog.database import (
    ChangeCounter,
    changing_files,
    guard_of,
    open_database,
    wipe_freed_pages,
    writing,
)
from footfall.catalog.hash_key import KeyedHash
from footfall.catalog.invite import Invites
from footfall.catalog.one_time_code import OneTimeCodes
from footfall.catalog.passkey import Passkeys
from footfall.catalog.password import Passwords
from footfall.catalog.profile import Profiles
from footfall.catalog.recovery import RecoveryCodes
from footfall.catalog.saved import Saved
from footfall.catalog.secret import SecretBox
from footfall.catalog.share import Shares
from footfall.catalog.sign_in import SignIns
from footfall.catalog.table import (
    DATA_OF_WEBSITE,
    IMPORT_JOBS,
    IMPORT_SALTS,
    OF_WEBSITE,
    PAYMENTS,
    SALTS,
    TOKENS,
    WEBSITES,
    WORKSPACE,
    WORKSPACES,
)
from footfall.catalog.totp import Totp
from footfall.catalog.user import Users, withdraw_invites
from footfall.damage import DamageLog
from footfall.model.errors import BadRequest, Conflict, NotFound
from footfall.model.money import check_currency
from footfall.model.website import Exclusions, Token, Website

SALT_LENGTH = 32
SALT_LIVES_MS = 48 * 60 * 60 * 1000
SALT_AHEAD_MS = 10 * 60 * 1000
_LISTS = ("allowed_hostnames", "return_hostnames")  # of a website, stored as JSON
_LIVE = WEBSITES.c.removed_at.is_(None)


class ImportJob(msgspec.Struct, frozen=True, kw_only=True):
    """One file's import into one website: how many lines are emitted, what became of them."""

    id: int
    website_id: int
    file_digest: str
    emitted: int
    is_done: bool
    counts: dict[str, int]


class Workspace(msgspec.Struct, frozen=True):
    """A group of websites."""

    id: str
    name: str


class Catalog:
    """`profiles`, `audit`, `users` and the like are parts of the same database, and so are the
    ledger and the payment connections, which `footfall.money` keeps in it."""

    def __init__(self, folder: Path) -> None:
        """Open the catalog of a data folder; create or migrate it if necessary. Raises
        CatalogTooNew."""
        self.database = open_database(folder)
        self._guard = guard_of(self.database)
        self._changes = ChangeCounter(self.database)
        # an earlier process may have been killed before it wiped them
        self._has_unwiped_salts = True
        self.profiles = Profiles(self.database, KeyedHash(self.database, "payer"))
        self.audit = Audit(self.database)
        passwords = Passwords()
        self.users = Users(self.database, passwords)
        self.shares = Shares(self.database, passwords)
        self.invites = Invites(self.database)
        self.saved = Saved(self.database)
        self.sign_ins = SignIns(self.database)
        self.codes = OneTimeCodes(self.database)
        self.passkeys = Passkeys(self.database)
        self.recovery = RecoveryCodes(self.database)
        self.secrets = SecretBox(folder)
        self.totp = Totp(self.database, self.secrets)

    def close(self) -> None:
        self._changes.close()
        self._guard.close()

    def check_files(self, damage: DamageLog) -> None:
        """Compare the catalog's files with their checksums, and report what is damaged or lost.
        Only for the process that has locked the data folder. Raises Unavailable, OSError: then call
        again."""
        with changing_files():
            self._guard.settle()
        self._report(damage)

    def keep_files(self, damage: DamageLog) -> None:
        """Like `check_files`, but only if something has changed since. Otherwise it is cheap."""
        with changing_files():
            self._guard.settle_if_changed()
        self._report(damage)

    def _report(self, damage: DamageLog) -> None:
        with changing_files():
            findings = self._guard.findings()
        if not findings:
            return
        for found in findings:
            damage.add("catalog", found.file, found.place, found.message)
        with changing_files():
            self._guard.drop_findings()

    def change_counter(self) -> int:
        """A number that changes with every commit, also of other processes. Takes microseconds."""
        return self._changes.read()

    def workspaces(self) -> list[Workspace]:
        with self.database.connect() as connection:
            rows = connection.execute(select(WORKSPACES).order_by(WORKSPACES.c.name))
            return [Workspace(row.id, row.name) for row in rows]

    # Websites

    def websites(self) -> list[Website]:
        """The live websites, by domain."""
        with self.database.connect() as connection:
            rows = connection.execute(select(WEBSITES).where(_LIVE).order_by(WEBSITES.c.domain))
            return [_website(row) for row in rows]

    def add_website(
        self,
        domain: str,
        *,
        name: str | None = None,
        timezone: str = "UTC",
        currency: str = "USD",
        kpi: str | None = None,
        workspace_id: str = WORKSPACE,
        now_ms: int,
    ) -> Website:
        """Raises Conflict if the domain is already tracked, BadRequest naming the wrong field."""
        domain = websites.check_domain(domain)
        values: dict[str, object] = {
            "workspace_id": workspace_id,
            "domain": domain,
            "name": websites.check_name(domain if name is None else name),
            "timezone": websites.check_timezone(timezone),
            "currency": check_currency(currency),
            "kpi": websites.check_kpi(kpi),
            "exclusions": "{}",
            "allowed_hostnames": "[]",
            "created_at": now_ms,
        }
        while True:
            ids = {
                "id": secrets.randbits(32) or 1,
                "tracking_id": f"flid_{tokens.random_text(16)}",
            }
            if self._insert(WEBSITES, values | ids):
                return self.find_website(domain)
            if any(website.domain == domain for website in self.websites()):
                raise Conflict(f"{domain} is already tracked", field="domain")

    def find_website(self, selector: str) -> Website:
        """By public id, tracking id or domain. Raises NotFound."""
        is_it = (WEBSITES.c.tracking_id == selector) | (
            WEBSITES.c.domain == websites.normal_domain(selector)
        )
        if websites.PUBLIC_ID.fullmatch(selector):
            is_it |= WEBSITES.c.id == int(selector, 16)
        row = None
        if selector.isprintable():  # SQLite cannot look up a lone surrogate
            with self.database.connect() as connection:
                row = connection.execute(select(WEBSITES).where(_LIVE, is_it)).first()
        if row is None:
            raise NotFound(f"there is no website {selector!r}", field="website")
        return _website(row)

    def update_website(self, website_id: int, **changes: object) -> Website:
        """Change what `website.CHECKERS` lists: name, timezone, currency, kpi, exclusions …

        Raises BadRequest naming the field, Conflict if payments are stored in another currency, and
        NotFound. Then nothing is changed.
        """
        for field in changes:
            if field not in websites.CHECKERS:
                known = ", ".join(websites.CHECKERS)
                raise BadRequest(f"{field} cannot be changed; these can: {known}", field=field)
        values = {field: websites.CHECKERS[field](value) for field, value in changes.items()}
        for field in values.keys() & {"exclusions", *_LISTS}:
            values[field] = msgspec.json.encode(values[field]).decode()
        if values:
            with writing(self.database) as connection:
                if "currency" in values:
                    _refuse_mixing(connection, website_id, str(values["currency"]))
                connection.execute(
                    update(WEBSITES).where(_LIVE, WEBSITES.c.id == website_id).values(values)
                )
        return self.find_website(f"{website_id:08x}")

    def remove_website(self, website_id: int, *, now_ms: int) -> None:
        """Hide the website everywhere, revoke its tokens and mark it `removed_at` = `now_ms`.

        The store's owner removes its rows and then calls `forget_website`. Raises NotFound.
        """
        with writing(self.database) as connection:
            marked = connection.execute(
                update(WEBSITES).where(_LIVE, WEBSITES.c.id == website_id).values(removed_at=now_ms)
            )
            if not marked.rowcount:
                raise NotFound(f"there is no website {website_id:08x}", field="website")
            connection.execute(delete(TOKENS).where(TOKENS.c.website_id == website_id))

    def removed_websites(self, before_ms: int) -> list[int]:
        """Ids of websites that were removed before a time and may still have rows in the store."""
        with self.database.connect() as connection:
            was_removed = WEBSITES.c.removed_at < before_ms
            found = connection.execute(select(WEBSITES.c.id).where(was_removed))
            return [int(row.id) for row in found]

    def forget_website(self, website_id: int) -> None:
        """Delete the last rows of a removed website. Does nothing to a live one."""
        removed = select(WEBSITES.c.id).where(~_LIVE, WEBSITES.c.id == website_id)
        jobs = select(IMPORT_JOBS.c.id).where(IMPORT_JOBS.c.website_id.in_(removed))
        with writing(self.database) as connection:
            connection.execute(delete(IMPORT_SALTS).where(IMPORT_SALTS.c.job_id.in_(jobs)))
            for table in (TOKENS, *OF_WEBSITE, *ACCESS_OF_WEBSITE):
                connection.execute(delete(table).where(table.c.website_id.in_(removed)))
            connection.execute(delete(WEBSITES).where(WEBSITES.c.id.in_(removed)))

    def forget_data(self, website_id: int) -> None:
        """Delete what a website's visitors, payments and imports have left here. Its settings,
        tokens, share links, saved things, connections to payment providers and audit log stay."""
        jobs = select(IMPORT_JOBS.c.id).where(IMPORT_JOBS.c.website_id == website_id)
        with writing(self.database) as connection:
            connection.execute(delete(IMPORT_SALTS).where(IMPORT_SALTS.c.job_id.in_(jobs)))
            for table in DATA_OF_WEBSITE:
                connection.execute(delete(table).where(table.c.website_id == website_id))

    def wipe_freed_pages(self) -> None:
        """Make deleted rows unreadable on disk too. Raises Unavailable: then call again."""
        wipe_freed_pages(self.database)

    # Tokens

    def add_token(
        self,
        *,
        website_id: int | None,
        scopes: Collection[str],
        kind: str = "flow",
        expires_at: int | None = None,
        workspace_id: str = WORKSPACE,
        now_ms: int,
    ) -> tuple[str, Token]:
        """A new token and its secret, which is not stored. Raises BadRequest, NotFound."""
        kind = tokens.check_kind(kind, website_id)
        scopes = tokens.check_scopes(scopes)
        if expires_at is not None and expires_at <= now_ms:
            raise BadRequest("the token would have expired already", field="expires_at")
        secret, prefix = tokens.new_secret(kind, is_workspace=website_id is None)
        token = Token(
            id=f"tok_{tokens.random_text(12)}",
            workspace_id=workspace_id,
            website_id=website_id,
            scopes=scopes,
            kind=kind,
            prefix=prefix,
            expires_at=expires_at,
            created_at=now_ms,
        )
        values = msgspec.structs.asdict(token) | {
            "scopes": ",".join(sorted(scopes)),
            "digest": tokens.digest(secret),
        }
        with writing(self.database) as connection:
            if website_id is not None:
                _check_is_live(connection, website_id)
            connection.execute(insert(TOKENS).values(values))
        return secret, token

    def tokens(self) -> list[Token]:
        """All tokens including expired ones, the newest first."""
        return [token for _, token in self.tokens_by_digest()]

    def tokens_by_digest(self) -> list[tuple[bytes, Token]]:
        """All tokens with the SHA-256 of their secrets, the newest first."""
        with self.database.connect() as connection:
            order = (TOKENS.c.created_at.desc(), TOKENS.c.id)
            rows = connection.execute(select(TOKENS).order_by(*order))
            return [(bytes(row.digest), _token(row)) for row in rows]

    def revoke_token(self, token_id: str) -> None:
        """Revoke a token by its id, and withdraw the invitations that it has made: they would be
        a way back in. Servers reject it within a second. Raises NotFound."""
        is_it = TOKENS.c.id == token_id
        with writing(self.database) as connection:
            row = connection.execute(select(TOKENS).where(is_it)).first()
            if row is None:
                raise NotFound(f"there is no token {token_id!r}", field="token")
            connection.execute(delete(TOKENS).where(is_it))
            withdraw_invites(connection, row.workspace_id, _token(row).actor)

    def find_token(self, secret: str, now_ms: int) -> Token | None:
        """The token of a secret, None if it is unknown or has expired by `now_ms`."""
        wanted = tokens.digest(secret)
        with self.database.connect() as connection:
            row = connection.execute(select(TOKENS).where(TOKENS.c.digest == wanted)).first()
        if row is None or not compare_digest(bytes(row.digest), wanted):
            return None
        token = _token(row)
        return None if token.expires_at is not None and token.expires_at <= now_ms else token

    # Salts

    def salt(self, day: str) -> bytes:
        """The 32 random bytes of a UTC day ("2026-11-21"), created at the first call."""
        return self._salt(SALTS, {"day": day})

    def keep_salts(self, days: Collection[str], now_ms: int) -> None:
        """Permanently delete the salts of all other days, and those that imports created more than
        48 hours ago or, because the clock was wrong, in the future. Cheap if there are none.

        Raises Unavailable: then call again.
        """
        is_of_others = SALTS.c.day.not_in(days)
        made_at = IMPORT_SALTS.c.made_at
        # an import may have made one since the caller read its clock
        is_ahead = made_at > now_ms + SALT_AHEAD_MS
        is_old = (made_at < now_ms - SALT_LIVES_MS) | is_ahead
        with self.database.connect() as connection:
            is_due = connection.execute(select(SALTS.c.day).where(is_of_others)).first()
            is_due = is_due or connection.execute(select(made_at).where(is_old)).first()
        if is_due:
            self._has_unwiped_salts = True
            with writing(self.database) as connection:
                connection.execute(delete(SALTS).where(is_of_others))
                connection.execute(delete(IMPORT_SALTS).where(is_old))
        if self._has_unwiped_salts:
            wipe_freed_pages(self.database)
            self._has_unwiped_salts = False

    # Imports

    def import_job(self, website_id: int, file_digest: str) -> ImportJob:
        """The job of this file for this website, created at the first call. Raises NotFound."""
        self.find_website(f"{website_id:08x}")
        key = {"website_id": website_id, "file_digest": file_digest}
        job = self._find_job(key)
        while job is None:
            # Never an earlier job's id: what that one has left in the journal is not this one's.
            values = {"id": secrets.randbits(48), "emitted": 0, "is_done": False, "counts": "{}"}
            self._insert(IMPORT_JOBS, key | values)
            job = self._find_job(key)
        return job

    def set_job_progress(
        self, job_id: int, emitted: int, done: bool, counts: dict[str, int] | None = None
    ) -> None:
        """Store the job's progress and, if given, what became of the lines so far."""
        values: dict[str, object] = {"emitted": emitted, "is_done": done}
        if counts is not None:
            values["counts"] = msgspec.json.encode(counts).decode()
        with writing(self.database) as connection:
            connection.execute(update(IMPORT_JOBS).where(IMPORT_JOBS.c.id == job_id).values(values))

    def import_jobs(self, website_id: int) -> list[ImportJob]:
        """Every import into the website."""
        of_website = IMPORT_JOBS.c.website_id == website_id
        with self.database.connect() as connection:
            rows = connection.execute(select(IMPORT_JOBS).where(of_website))
            return [_job(row) for row in rows]

    def import_salt(self, job_id: int, day: str, now_ms: int) -> bytes:
        """The salt of one day within one import, created at the first call."""
        return self._salt(IMPORT_SALTS, {"job_id": job_id, "day": day}, made_at=now_ms)

    def drop_import_salts(self, job_id: int) -> None:
        """Permanently delete an import's salts. Raises Unavailable: then call again."""
        with writing(self.database) as connection:
            connection.execute(delete(IMPORT_SALTS).where(IMPORT_SALTS.c.job_id == job_id))
        wipe_freed_pages(self.database)

    def _find_job(self, key: dict[str, Any]) -> ImportJob | None:
        with self.database.connect() as connection:
            row = connection.execute(select(IMPORT_JOBS).filter_by(**key)).first()
        return None if row is None else _job(row)

    def _salt(self, table: Table, key: dict[str, Any], **facts: object) -> bytes:
        wanted = select(table.c.salt).filter_by(**key)
        for _ in range(3):
            with self.database.connect() as connection:
                salt = connection.execute(wanted).scalar()
            if salt is not None:
                return bytes(salt)
            # If another process inserts it first, its value counts and is read next.
            self._insert(table, {**key, **facts, "salt": secrets.token_bytes(SALT_LENGTH)})
        raise NotFound("the website was removed meanwhile", field="website")

    def _insert(self, table: Table, values: dict[str, Any]) -> bool:
        """Whether the row was new."""
        try:
            with writing(self.database) as connection:
                connection.execute(insert(table).values(values))
        except IntegrityError:
            return False
        return True


def _check_is_live(connection: Connection, website_id: int) -> None:
    """Raise NotFound if there is no such website, or it was removed."""
    wanted = select(WEBSITES.c.id).where(_LIVE, WEBSITES.c.id == website_id)
    if connection.execute(wanted).first() is None:
        raise NotFound(f"there is no website {website_id:08x}", field="website")


def _refuse_mixing(connection: Connection, website_id: int, currency: str) -> None:
    """Raises Conflict if payments are stored in another currency, because reports would add amounts
    of both."""
    known = select(WEBSITES.c.currency).where(WEBSITES.c.id == website_id)
    paid = select(PAYMENTS.c.website_id).where(PAYMENTS.c.website_id == website_id).limit(1)
    before = connection.execute(known).scalar()
    if before != currency and connection.execute(paid).scalar() is not None:
        raise Conflict(
            f"the currency cannot be changed: there are payments with amounts in {before}",
            field="currency",
        )


def _website(row: Row[Any]) -> Website:
    values = row._asdict()
    del values["removed_at"]
    values["exclusions"] = msgspec.json.decode(values["exclusions"], type=Exclusions)
    for field in _LISTS:
        values[field] = tuple(msgspec.json.decode(values[field]))
    return Website(**values)


def _token(row: Row[Any]) -> Token:
    values = row._asdict()
    del values["digest"]
    values["scopes"] = frozenset(values["scopes"].split(","))
    return Token(**values)


def _job(row: Row[Any]) -> ImportJob:
    values = row._asdict()
    values["counts"] = msgspec.json.decode(values["counts"], type=dict[str, int])
    return ImportJob(**values)
