"""The sample media for a first try: which there are, and where. Valid for every slot, but for the one that shows a
refusal.

Their files are made in `sample_files`; this list is all that a page needs, and costs it no decoder.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    name: str
    media_type: str
    content_type: str
    title: str
    is_broken: bool = False


SAMPLES: dict[str, Sample] = {
    sample.name: sample
    for sample in (
        Sample("courier.jpg", "image", "image/jpeg", "The courier, a character"),
        Sample("harbour.jpg", "image", "image/jpeg", "The harbour at dusk, a place"),
        Sample("lantern.jpg", "image", "image/jpeg", "The lantern, a prop"),
        Sample("crossing.mp4", "video", "video/mp4", "A slow pan along the coast, 5 s"),
        Sample("bell.mp3", "audio", "audio/mpeg", "A slow bell, 5 s"),
        Sample("broken.png", "image", "image/png", "A text file named .png, which fails", is_broken=True),
    )
}


def urls(base_url: str) -> list[dict[str, str | bool]]:
    """The samples of the sandbox at this address: name, url, type, title, and whether it is meant to fail."""
    return [
        {
            "name": sample.name,
            "url": f"{base_url.rstrip('/')}/samples/{sample.name}",
            "type": sample.media_type,
            "title": sample.title,
            "broken": sample.is_broken,
        }
        for sample in SAMPLES.values()
    ]
