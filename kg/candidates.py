"""Noun phrases of a text as verbatim spans, found by lists of small words and endings: no tagger, no model.

A text is cut into words; words that cannot stand in a noun phrase (determiners, prepositions, pronouns, auxiliaries,
most verbs) and sentence punctuation cut it into chunks. What is left of a chunk after its glued verbs and trailing
adjectives are gone, and the shorter phrases in it, are the candidates. The chunks follow the pattern
(adjective | noun)* noun of Hulth (2003), "Improved automatic keyword extraction given more linguistic knowledge".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from kg.paper import Span

MAX_WORDS = 5


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DETERMINERS = _words(
    "the a an this that these those its our their his her my your each every both any all no some such how what whose"
)
_AUXILIARIES = _words("can could will would may might must should shall cannot not we they i you he she who do does did")
_SMALL = (
    _DETERMINERS
    | _AUXILIARIES
    | _words(
        # pronouns, conjunctions, prepositions
        "it itself themselves ourselves us them him one ones which whom when where why whether while whereas although"
        " though because since unless until if then else than as so and or but nor yet either neither and/or of in on at"
        " by for with from to into onto upon via per within without between among amongst across through throughout"
        " during before after above below under over about around against along alongside toward towards beyond behind"
        " beside besides despite except like unlike near off out up down due according instead rather vs versus w.r.t wrt"
        # auxiliaries and the commonest verbs
        " be is are was were been being am has have had having does doing done let lets get gets got make makes made"
        " making become becomes became seem seems remain remains e.g i.e etc et al cf viz resp e.g., that's it's"
        # quantities and words that point, which open a phrase but are no part of a term
        " many much more most less least few fewer fewest several various numerous other others another same different"
        " certain own further two three four five six seven eight nine ten hundred thousand million"
        " billion none nothing something anything everything only also even just very too quite still already again"
        " always never often sometimes now here there thus hence therefore however moreover furthermore additionally"
        " meanwhile nevertheless nonetheless otherwise indeed instead perhaps almost nearly rather well ever else once"
        " twice far long-standing respectively thereby therein wherein whereby namely especially particularly mainly"
        " novel new newly proposed existing recent previous current aforementioned following given"
        " presented obtained resulting corresponding available possible better best good worse worst main major key"
        " important significant interesting promising popular well-known called known so-called"
        " able capable likely aimed unlike today yes"
    )
)
_VERBS = _words(
    "accelerate accommodate accomplish account achieve acquire act adapt address adhere adjust adopt advocate affect aggregate"
    " aim align alleviate allocate allow alter amplify analyse analyze annotate anticipate appear apply approximate argue"
    " arise ask assess assign associate assume attain attempt augment automate avoid base begin behave believe belong boost bring"
    " build bypass calculate call capture carry cast categorize cause choose circumvent claim clarify classify collect combine"
    " compare compensate complete compress comprise compute concatenate conclude conduct confirm consider consist constitute"
    " constrain construct contain continue contribute converge convert convey correct correlate correspond cover create"
    " curate deal decide decompose deduce define degrade deliver demonstrate deny depend depict deploy derive describe"
    " detect determine develop deviate devise differ differentiate diminish discard discover discuss disentangle disrupt"
    " distinguish divide draw drive effect elicit eliminate embed emerge emphasize employ empower emulate enable"
    " encapsulate encode encounter encourage enforce engage enhance enjoy enlarge enrich ensure entail establish evaluate"
    " evolve examine exceed excel execute exhibit exist expand expect explain exploit explore expose express extend"
    " extract facilitate fail fall find fit follow formalize formulate foster fulfill fuse generalize generate get give go"
    " grow guarantee guide handle happen have help highlight hinder hold hypothesize identify ignore illustrate imagine"
    " implement imply impose improve incorporate incur indicate induce infer influence inform inherit inject insert"
    " inspire integrate interact interpret introduce investigate involve keep know lack lead learn leave let leverage lie"
    " localize locate look lose maintain manage maximize mean meet merge mimic minimize mitigate modify motivate move navigate"
    " necessitate neglect obtain occur offer omit operate optimize outline outperform overcome overlook partition pave"
    " perceive perform permit possess predict prefer preserve prevent prioritize proceed produce promote"
    " propagate propose protect prove provide pursue quantify raise reach realize receive recognize recommend reconstruct"
    " recover reduce refer refine reflect regard reinforce reject relate rely remain remove render replace represent"
    " reproduce require resemble reside resolve respect respond restore restrict retain retrieve reuse reveal revisit run"
    " satisfy save say see seek seem select separate serve show showcase simplify simulate solve specify spend"
    " stabilize start stay stem streamline strengthen strive struggle submit suffer suffice suggest summarize suppress"
    " surpass survey sustain synthesize tackle take tend tolerate transcend transform treat try turn uncover undergo"
    " underscore understand unify unlock update use utilize validate vary verify visualize want work yield"
)
# Of these, the base form or the form in -s is at least as often a noun: they are verbs only where their neighbours say so.
_ALSO_NOUNS = _words(
    "account act address aim approach attempt base boost call cast cause claim complete correct cover deal drive effect"
    " express fall fit guide handle help highlight influence insert lack lead lie look mean move offer partition"
    " produce raise reach regard respect run save separate separate show start stem survey transform turn update use work"
    " yield aggregate align approximate associate process train model design study test measure control sample search rank"
    " match target support benefit transfer plan map form cluster scale set focus balance increase decrease cache filter"
    " prune route cut load speed reason share access answer bridge challenge change combat document edit estimate exploit"
    " fight fine-tune forecast gain impact limit link monitor order parse point position present probe profile program"
    " query question record release report result review rise score segment shape shift shed stress structure"
    " leverage pose compute bound guarantee name pattern subject switch tailor trade trace track translate tune view weight compress pre-train pretrain denoise render"
    " generalise schedule label mask mine index host grasp ground group"
)
_GERUNDS = _words(
    "using including leveraging achieving improving providing reducing enhancing demonstrating outperforming offering"
    " allowing applying ensuring highlighting showing utilizing considering introducing exploiting employing adding taking"
    " regarding mitigating obtaining facilitating revealing surpassing indicating yielding avoiding proposing reaching"
    " keeping underscoring overlooking exhibiting neglecting adopting treating exceeding showcasing giving raising"
    " tackling overcoming alleviating necessitating satisfying incurring making having being compared concerning"
    " requiring enabling containing involving consisting comprising arising relying depending resulting leading trying"
    " going remaining becoming suffering helping paving hindering bringing producing describing presenting suggesting"
    " establishing according maintaining combining aiming varying performing facing posing getting"
)
_NOUNS_IN_ED = _words("speed need seed feed bed shed breed weed red embed biomed testbed spreadsheed med pubmed")
_FAMILIES_IN_LY = _words("family assembly anomaly supply reply monopoly multiply poly early friendly only fly")
_ADJECTIVES = _words(
    "efficient robust accurate effective large small fast slow high low higher lower larger smaller faster slower greater"
    " stronger weaker deeper easier harder cheaper simpler strong weak simple complex easy difficult hard common general"
    " generic specific similar equal equivalent consistent sufficient suitable useful necessary adequate appropriate"
    " competitive superior inferior comparable state-of-the-art optimal suboptimal sub-optimal full entire whole partial"
    " true false real wide broad narrow long short deep shallow dense sparse big huge vast massive substantial remarkable"
    " considerable extensive intensive expensive inexpensive cheap costly feasible challenging crucial critical essential"
    " fundamental vital prominent ubiquitous prone free late different diverse distinct unique rich poor clear explicit"
    " implicit automatic manual human-like negative positive additional extra alone together intractable tractable"
    " scalable flexible versatile applicable unknown unseen unclear limited ready relevant dependent independent"
    " invariant agnostic aware responsible open close closed-form quick recent later worst-case successful natural"
)
_ENDINGS = ("able", "ible", "ful", "less", "ous", "ical", "ional", "ular", "-free", "-aware", "-agnostic", "-based")
_NOUNS_LIKE_ADJECTIVES = _words("variable table cable tables functional handful formula professional individual fractional")

_OF_HEADS = _words(
    "mixture mixtures chain chains tree trees graph bag bags quality internet curse degree degrees theory point points"
    " method lines field fields region regions proof proofs separation structure law laws ladder web principle sum state"
    " states time mode modes set sets system systems total coefficient moments order part parts product ensemble"
)
_COMPOUND_PAST = _words(
    "based constrained guided augmented driven informed annotated trained controlled reinforced oriented structured"
    " scheduled distributed aided assisted supervised enhanced weighted sampled connected coupled shaped embedded shared"
    " defined generated tuned tailored pruned quantized limited correlated layered powered enabled accelerated biased"
)

_WORD = re.compile(
    r"(?:\$[^$\n]{1,60}\$|[^\W_]|[ℓ\\])"
    r"(?:[\w+#@*&%'’\\]++|\$[^$\n]{1,60}\$|[-‐‑–](?=[\w$])|/(?=[A-Z\d])|\.(?=[a-z\d])|(?<=\b[A-Z])\.(?=[A-Z])"
    r"|(?<=\d)[,:](?=\d)|\(e?s\))*"
)
_TAIL = "'’*&\\"
_NAMES_LIKE_SMALL = _words("IT US WHO AM")
_NUMBER = re.compile(r"\d[\d.]*")
_PATTERN = re.compile(r"\d:\d\d?")
_QUANTITY = re.compile(r"\d[\d.,/:]*(?:x|×|%|\\%|k|ms|st|nd|rd|th|times|pp|-fold)?|\d\S*\\?%", re.IGNORECASE)
_FORMULA = re.compile(r"\\[A-Za-z]*|.*\\(?:times|%).*|\$.?\$|.*[=<>≤≥].*")
_LIKE_ADJECTIVE = re.compile(r".*(?:ed|able|ible|ive|al|ous|ent|ant|ic|ing|ar|ful|less)")


def _forms(verbs: frozenset[str], ending: str) -> frozenset[str]:
    """Return the forms of regular verbs in -s or -ed.

    >>> sorted(_forms(frozenset({"map", "carry", "use", "reach"}), "ed"))
    ['carried', 'mapped', 'maped', 'reached', 'used']
    """
    forms = set()
    for verb in verbs:
        consonant_y = verb.endswith("y") and verb[-2] not in "aeiou"
        if ending == "s":
            hissing = verb.endswith(("s", "sh", "ch", "x", "z"))
            forms.add(verb[:-1] + "ies" if consonant_y else verb + ("es" if hissing else "s"))
        else:
            forms.add(verb[:-1] + "ied" if consonant_y else verb + ("d" if verb.endswith("e") else "ed"))
            if re.fullmatch(r".*[^aeiou][aeiou][bdgklmnprtv]", verb):
                forms.add(verb + verb[-1] + "ed")
    return frozenset(forms)


_IRREGULAR = _words(
    "shown found built led taken drawn chosen written brought held kept seen understood came went gave lost met sent"
    " thought grown arisen begun wrote took saw felt left rose fell drew chose sought uses leverages presents addresses"
    " boosts bridges yields highlights supports helps leads takes seeks handles aims exploits extracts"
)
_BASES = _VERBS | _ALSO_NOUNS
_CERTAIN = (_VERBS - _ALSO_NOUNS) | _forms(_VERBS - _ALSO_NOUNS, "s") | _IRREGULAR | _GERUNDS
_DOUBTFUL = _ALSO_NOUNS | _forms(_ALSO_NOUNS, "s")
_PAST = _forms(_BASES, "ed")
_OBJECT_FOLLOWS = _words("the a an our its their these both each all any several such")


class Word(NamedTuple):
    """A word: where it stands, how it reads, and whether nothing but space is between it and the word before."""

    start: int
    end: int
    surface: str
    lower: str
    joined: bool


def split_words(text: str) -> list[Word]:
    """Return the words of a text; the first line feed parts title and abstract."""
    words: list[Word] = []
    title_end = text.find("\n")
    last = -1
    for match in _WORD.finditer(text):
        surface = match.group().rstrip(_TAIL)
        if not surface:
            continue
        start = match.start()
        gap = text[last:start] if last >= 0 else "."
        joined = gap == " " or (gap.isspace() and gap.count("\n") < 2 and not last <= title_end < start)
        last = start + len(surface)
        words.append(Word(start, last, surface, surface.lower(), joined))
    return words


@lru_cache(maxsize=65_536)
def _sort(surface: str) -> str:
    """Return what a word is by itself.

    "stop": no part of a phrase; "name": has a capital, a digit or a sign after its first letter; "number", "adverb",
    "past" (a participle or a past tense), "verb?" (a verb or a noun), "noun" (any other word).
    """
    lower = surface.lower()
    if (lower in _SMALL and surface not in _NAMES_LIKE_SMALL) or len(lower) > 40:
        return "stop"
    if _NUMBER.fullmatch(lower):
        return "number"
    if _PATTERN.fullmatch(lower):
        return "noun"
    if not any(char.isalpha() for char in lower) or _FORMULA.fullmatch(surface):
        return "stop"
    if _QUANTITY.fullmatch(lower) and not re.fullmatch("[248]K", surface):
        return "stop"
    if lower.endswith(("n't", "n’t")) or (lower.endswith(("'s", "’s")) and surface[0].islower()):
        return "stop"
    if any(not (char.islower() or char in "-'’") for char in surface[1:]):
        return "name"
    if lower in _CERTAIN:
        return "stop"
    if lower.endswith("ly") and lower not in _FAMILIES_IN_LY:
        return "adverb"
    if lower in _PAST:
        return "past"
    return "verb?" if lower in _DOUBTFUL else "noun"


@lru_cache(maxsize=65_536)
def _ends_open(surface: str) -> bool:
    """Return whether a word cannot end a noun phrase: an adjective, an adverb, a participle."""
    lower = surface.lower()
    if _sort(surface) == "name" and "-" not in lower:
        return False
    if lower in _ADJECTIVES or (lower.endswith("ly") and lower not in _FAMILIES_IN_LY):
        return True
    if lower.endswith("ed") and lower not in _NOUNS_IN_ED:
        return True
    return lower.endswith(_ENDINGS) and lower not in _NOUNS_LIKE_ADJECTIVES


def _stands(words: list[Word], index: int, inside: bool) -> bool:
    """Return whether a word is a part of a noun phrase, judged by itself and its neighbours.

    Args:
        inside: whether the word before is a part of one, with nothing between the two.
    """
    word = words[index]
    kind = _sort(word.surface)
    if kind == "stop":
        return False
    if kind == "name":
        return True
    before = words[index - 1].lower if word.joined else ""
    after = words[index + 1] if index + 1 < len(words) and words[index + 1].joined else None
    if kind == "number":
        return inside and words[index - 1].surface[0].isupper()
    if kind == "adverb":
        if after is None or index + 2 >= len(words) or not words[index + 2].joined:
            return False
        nouns = _sort(words[index + 2].surface) not in ("stop", "adverb", "number")
        return nouns and _sort(after.surface) != "stop" and bool(_LIKE_ADJECTIVE.fullmatch(after.lower))
    if before in _AUXILIARIES and word.surface[0].islower():
        return False
    if kind == "past" and inside and word.surface[0].islower():
        return word.lower in _COMPOUND_PAST and after is not None and _sort(after.surface) in ("noun", "name", "verb?")
    if kind == "verb?" and word.surface[0].islower():
        if before == "to":
            return word.lower not in _ALSO_NOUNS
        if before in ("which", "who", "and/or"):
            return False
        if before == "that" and index > 1:
            return _sort(words[index - 2].surface) in ("stop", "adverb")
    objects = after is not None and after.lower in _OBJECT_FOLLOWS
    return not (objects and (kind in ("verb?", "past") or word.lower.endswith("ing")))


def find_chunks(words: list[Word]) -> Iterator[list[Word]]:
    """Yield the longest runs of words that can stand in a noun phrase."""
    chunk: list[Word] = []
    for index, word in enumerate(words):
        stands = _stands(words, index, bool(chunk) and word.joined)
        if chunk and not (stands and word.joined):
            yield chunk
            chunk = []
        if stands:
            chunk.append(word)
    if chunk:
        yield chunk


def _joined_by_of(text: str, left: list[Word], right: list[Word]) -> bool:
    """Return whether two chunks make one term with "of" between them, as in "mixture of experts"."""
    if text[left[-1].end : right[0].start] != " of ":
        return False
    capitals = left[-1].surface[0].isupper() and right[0].surface[0].isupper() and right[-1].surface[0].isupper()
    return capitals or left[-1].lower in _OF_HEADS


def find_candidates(text: str) -> tuple[Span, ...]:
    """Return the noun phrases of a text, of one to five words each, in text order, shorter ones first.

    Phrases may lie in one another: the parts of "large language model inference" that can stand alone are candidates
    too. None crosses punctuation or the end of the title.

    Args:
        text: a title, a line feed, an abstract; offsets of the spans count its characters.

    >>> [span.surface for span in find_candidates("We rank passages by MRR@10.")]
    ['passages', 'MRR@10']
    """
    places: set[tuple[int, int]] = set()
    left: list[Word] = []
    for chunk in find_chunks(split_words(text)):
        ends = [word.end for word in chunk]
        closed = [not _ends_open(word.surface) for word in chunk]
        for first, word in enumerate(chunk):
            reach = range(first, min(first + MAX_WORDS, len(chunk)))
            places.update((word.start, ends[last]) for last in reach if closed[last])
        if left and _joined_by_of(text, left, chunk):
            starts = [word.start for word in left[-2:]]
            places.update((start, ends[last]) for start in starts for last in range(min(2, len(chunk))) if closed[last])
        left = chunk
    return tuple(Span.of(text, start, end) for start, end in sorted(places))
