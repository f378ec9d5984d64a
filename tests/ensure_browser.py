"""`python tests/ensure_browser.py`: print the path of a Chromium that runs, after installing one if there is none.

With `--lean` Chromium's headless shell is installed too where only a browser is found: it draws the same pages with
the same engine for half the work: good for a machine that is nobody's desk, as one of CI.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

LEAN = "chromium-headless-shell"
NAMES = (LEAN, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
INSTALL_SECONDS = 600
IMPATIENT = ["-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20"]
# By package manager: the commands that bring Chromium.
PACKAGES = {
    "apt-get": [["update", "-q"], ["install", "-qy", "--no-install-recommends", "chromium"]],
    "dnf": [["install", "-qy", "chromium"]],
    "apk": [["add", "--quiet", "chromium"]],
    "pacman": [["-Sy", "--noconfirm", "--needed", "chromium"]],
    "zypper": [["--non-interactive", "install", "chromium"]],
}
WHERE_IS_PLAYWRIGHTS = (
    "from playwright.sync_api import sync_playwright\nwith sync_playwright() as p: print(p.chromium.executable_path)"
)


def find() -> str | None:
    """The one that CHROMIUM names, else the system's, else Playwright's own."""
    named = [os.environ["CHROMIUM"]] if os.environ.get("CHROMIUM") else []
    for name in (*named, *NAMES):
        path = shutil.which(name)
        if path and _runs(path):
            return path
    playwrights = _output([sys.executable, "-c", WHERE_IS_PLAYWRIGHTS])
    return playwrights if playwrights and _runs(playwrights) else None


def install() -> None:
    """With the system's package manager where that is allowed, else Playwright's own."""
    _install_with_the_system()
    if not find():
        _say("installing Playwright's own Chromium")
        with_libraries = ["--with-deps"] if _as_root() is not None and shutil.which("apt-get") else []
        _call([sys.executable, "-m", "playwright", "install", *with_libraries, "chromium"])


def _install_with_the_system() -> None:
    prefix = _as_root()
    manager = next((name for name in PACKAGES if shutil.which(name)), None)
    if prefix is None or manager is None:
        return
    _say(f"installing Chromium with {manager}")
    for arguments in PACKAGES[manager]:
        _call([*prefix, "env", "DEBIAN_FRONTEND=noninteractive", manager, *arguments])


def install_lean() -> None:
    """Where the system has it as a package, and at once; the whole browser does as well."""
    prefix = _as_root()
    if prefix is None or not shutil.which("apt-get"):
        return
    _say(f"installing {LEAN} with apt-get")
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *IMPATIENT]
    _call([*apt, "update", "-q"])
    _call([*apt, "install", "-qy", "--no-install-recommends", LEAN])


def _as_root() -> list[str] | None:
    """What to put in front of a command that root must run; None when we may not."""
    if os.geteuid() == 0:
        return []
    has_sudo = shutil.which("sudo") and _output(["sudo", "-n", "id", "-u"]) == "0"
    return ["sudo", "-n"] if has_sudo else None


def _runs(path: str) -> bool:
    """Some systems have a stub of that name that only tells where to get the real one."""
    return "chrom" in (_output([path, "--version"]) or "").lower()


def _output(command: list[str]) -> str | None:
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return result.stdout.strip() if result.returncode == 0 else None


def _call(command: list[str]) -> None:
    try:
        subprocess.run(command, stdout=sys.stderr, timeout=INSTALL_SECONDS, check=False, stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as error:
        _say(f"{' '.join(command)}: {error}")


def _say(line: str) -> None:
    print(f"ensure_browser: {line}", file=sys.stderr, flush=True)


def main() -> None:
    if "--lean" in sys.argv and not shutil.which(LEAN):
        install_lean()
    if not find():
        install()
    path = find()
    if not path:
        sys.exit("ensure_browser: no Chromium runs here and none could be installed. Name one: CHROMIUM=/path")
    print(path)


if __name__ == "__main__":
    main()
