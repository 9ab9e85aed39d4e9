"""Measures how well encodings are found: python -m tests.encodings --files 100.

The words are those of `languages`, then those of `held_out`, also in files that are nearly ASCII.
It prints, for each language in each of its pages, how many of the files are read rightly, with and
without a note, how many are asked about, and how many are read wrongly. It ends with 1 if any is
read wrongly in silence, or in the usual page of its language.
"""

import argparse
import sys
from collections import Counter

from tests.encodings.files import files
from tests.encodings.held_out import HELD_OUT
from tests.encodings.languages import LANGUAGES, Language
from tests.encodings.outcomes import Outcome, outcome

_ALL = (*LANGUAGES, *HELD_OUT)
_WRONG = (Outcome.WRONG_WITH_A_NOTE, Outcome.WRONG_IN_SILENCE)


def main() -> int:
    """Print the outcomes, and return 1 if one of them must not be."""
    parser = argparse.ArgumentParser(prog="python -m tests.encodings")
    parser.add_argument("--files", type=int, default=100, help="in each page of a language")
    parser.add_argument("--language", choices=sorted({each.name for each in _ALL}))
    parser.add_argument("--usual", action="store_true", help="only the usual page of a language")
    options = parser.parse_args()
    sys.stdout.write(f"{'':<32}{''.join(f'{each:>20}' for each in Outcome)}\n")
    bad = 0
    for language in _ALL:
        if options.language in (None, language.name):
            for page in (language.usual, *(() if options.usual else language.others)):
                for sparse in (False, True) if language in HELD_OUT else (False,):
                    bad += _measure(language, page, options.files, sparse=sparse)
    return 1 if bad else 0


def _measure(language: Language, page: str, count: int, *, sparse: bool) -> int:
    """Print the outcomes of files of `language` in `page`; return how many must not be."""
    counts = Counter(outcome(file) for file in files(language, page, count, sparse=sparse))
    shown = "".join(f"{counts[each]:>20}" for each in Outcome)
    sys.stdout.write(f"{language.name:<12}{page:<12}{'sparse' if sparse else '':<8}{shown}\n")
    sys.stdout.flush()
    usual = page == language.usual
    return sum(counts[each] for each in (_WRONG if usual else _WRONG[1:]))


if __name__ == "__main__":
    sys.exit(main())
