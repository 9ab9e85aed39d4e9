"""Measures how well encodings are found: python -m tests.encodings --files 100.

It prints, for each language in each of its pages, how many of the files are read rightly, with and
without a note, how many are asked about, and how many are read wrongly. It ends with 1 if any is
read wrongly in silence, or in the usual page of its language.
"""

import argparse
import sys
from collections import Counter

from tests.encodings.files import files
from tests.encodings.languages import LANGUAGES, Language
from tests.encodings.outcomes import Outcome, outcome

_WRONG = (Outcome.WRONG_WITH_A_NOTE, Outcome.WRONG_IN_SILENCE)


def main() -> int:
    """Print the outcomes, and return 1 if one of them must not be."""
    parser = argparse.ArgumentParser(prog="python -m tests.encodings")
    parser.add_argument("--files", type=int, default=100, help="in each page of a language")
    parser.add_argument("--language", choices=[each.name for each in LANGUAGES])
    options = parser.parse_args()
    sys.stdout.write(f"{'':<24}{''.join(f'{each:>20}' for each in Outcome)}\n")
    bad = 0
    for language in LANGUAGES:
        if options.language in (None, language.name):
            for page in (language.usual, *language.others):
                bad += _measure(language, page, options.files)
    return 1 if bad else 0


def _measure(language: Language, page: str, count: int) -> int:
    """Print the outcomes of files of `language` in `page`; return how many must not be."""
    counts = Counter(outcome(file) for file in files(language, page, count))
    shown = "".join(f"{counts[each]:>20}" for each in Outcome)
    sys.stdout.write(f"{language.name:<12}{page:<12}{shown}\n")
    sys.stdout.flush()
    usual = page == language.usual
    return sum(counts[each] for each in (_WRONG if usual else _WRONG[1:]))


if __name__ == "__main__":
    sys.exit(main())
