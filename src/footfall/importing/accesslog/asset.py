"""Which requests ask for a file that is not a page, or for a feed."""

import re

_STYLES_AND_SCRIPTS = "css js mjs cjs map wasm json webmanifest ttf otf woff woff2 eot"
_IMAGES = "png jpg jpeg gif svg webp avif ico bmp tif tiff cur apng heic"
_SOUND_AND_FILM = (
    "mp3 mp4 m4a m4v webm ogg ogv oga wav flac avi mov mkv mpg mpeg swf flv m3u8 ts vtt srt"
)
_FEEDS_AND_ROBOTS_FILES = "xml rss atom rdf xsl txt"
_DOWNLOADS = (
    "pdf ps eps epub doc docx xls xlsx ppt pptx odt ods odp csv zip gz tgz bz2 xz zst 7z rar tar"
    " jar war deb rpm apk dmg iso exe msi bin dll so pyc whl gem pcap"
)
_ASSET_TYPES = frozenset(
    " ".join(
        (_STYLES_AND_SCRIPTS, _IMAGES, _SOUND_AND_FILM, _FEEDS_AND_ROBOTS_FILES, _DOWNLOADS)
    ).split()
)
_FEED_NAMES = frozenset(("feed", "rss"))
_FEED_QUERY = re.compile(r"[?&](?:feed|flav|format|type)=(?:rss|atom|rdf|feed)", re.IGNORECASE)


def is_asset(target: str) -> bool:
    """Whether a path and query ask for a file that is not a page, or for a feed."""
    path, _, query = target.partition("?")
    name = path.lower().rstrip("/").rsplit("/", 1)[-1]
    if name in _FEED_NAMES or path.startswith("/.well-known/"):
        return True
    _, dot, extension = name.rpartition(".")
    if dot and extension in _ASSET_TYPES:
        return True
    return bool(query) and _FEED_QUERY.search("?" + query) is not None
