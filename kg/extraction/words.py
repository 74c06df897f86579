"""What a word can be in a noun phrase, by lists of small words and verbs and by its ending and spelling."""

from __future__ import annotations

import re
from functools import lru_cache


def word_set(text: str) -> frozenset[str]:
    """Return the words of a list that is written as one text."""
    return frozenset(text.split())


_DETERMINERS = word_set(
    "the a an this that these those its our their his her my your each every both any all no some such how what whose"
)
AUXILIARIES = word_set(
    "can could will would may might must should shall cannot not we they i you he she who do does did"
)
_LINKS = word_set(
    "it itself themselves ourselves us them him one ones which whom when where why whether while whereas although"
    " though because since unless until if then else than as so and or but nor yet either neither and/or of in on at"
    " by for with from to into onto upon via per within without between among amongst across through throughout during"
    " before after above below under over about around against along alongside toward towards beyond behind beside"
    " besides despite except like unlike near off out up down due according instead rather vs versus w.r.t wrt"
)
_HELPERS = word_set(
    "be is are was were been being am has have had having does doing done let lets get gets got make makes made"
    " making become becomes became seem seems remain remains e.g i.e etc et al cf viz resp"
)
_POINTERS = word_set(
    "many much more most less least few fewer fewest several various numerous other others another same different"
    " certain own further two three four five six seven eight nine ten hundred thousand million billion none nothing"
    " something anything everything only also even just very too quite still already again always never often"
    " sometimes now here there thus hence therefore however moreover furthermore additionally meanwhile nevertheless"
    " nonetheless otherwise indeed instead perhaps almost nearly rather well ever else once twice far long-standing"
    " respectively thereby therein wherein whereby namely especially particularly mainly novel new newly proposed"
    " existing recent previous current aforementioned following given presented obtained resulting corresponding"
    " available possible better best good worse worst main major key important significant interesting promising"
    " popular well-known called known so-called able capable likely aimed unlike today yes"
)
"""Words that link, words that help a verb, and words that open a phrase without being a part of a term."""
_SMALL = _DETERMINERS | AUXILIARIES | _LINKS | _HELPERS | _POINTERS
_VERBS = word_set(
    "accelerate accommodate accomplish account achieve acquire act adapt address adhere adjust adopt advocate affect"
    " aggregate aim align alleviate allocate allow alter amplify analyse analyze annotate anticipate appear apply"
    " approximate argue arise ask assess assign associate assume attain attempt augment automate avoid base begin"
    " behave believe belong boost bring build bypass calculate call capture carry cast categorize cause choose"
    " circumvent claim clarify classify collect combine compare compensate complete compress comprise compute"
    " concatenate conclude conduct confirm consider consist constitute constrain construct contain continue contribute"
    " converge convert convey correct correlate correspond cover create curate deal decide decompose deduce define"
    " degrade deliver demonstrate deny depend depict deploy derive describe detect determine develop deviate devise"
    " differ differentiate diminish discard discover discuss disentangle disrupt distinguish divide draw drive effect"
    " elicit eliminate embed emerge emphasize employ empower emulate enable encapsulate encode encounter encourage"
    " enforce engage enhance enjoy enlarge enrich ensure entail establish evaluate evolve examine exceed excel execute"
    " exhibit exist expand expect explain exploit explore expose express extend extract facilitate fail fall find fit"
    " follow formalize formulate foster fulfill fuse generalize generate get give go grow guarantee guide handle"
    " happen have help highlight hinder hold hypothesize identify ignore illustrate imagine implement imply impose"
    " improve incorporate incur indicate induce infer influence inform inherit inject insert inspire integrate"
    " interact interpret introduce investigate involve keep know lack lead learn leave let leverage lie localize"
    " locate look lose maintain manage maximize mean meet merge mimic minimize mitigate modify motivate move navigate"
    " necessitate neglect obtain occur offer omit operate optimize outline outperform overcome overlook partition pave"
    " perceive perform permit possess predict prefer preserve prevent prioritize proceed produce promote propagate"
    " propose protect prove provide pursue quantify raise reach realize receive recognize recommend reconstruct"
    " recover reduce refer refine reflect regard reinforce reject relate rely remain remove render replace represent"
    " reproduce require resemble reside resolve respect respond restore restrict retain retrieve reuse reveal revisit"
    " run satisfy save say see seek seem select separate serve show showcase simplify simulate solve specify spend"
    " stabilize start stay stem streamline strengthen strive struggle submit suffer suffice suggest summarize suppress"
    " surpass survey sustain synthesize tackle take tend tolerate transcend transform treat try turn uncover undergo"
    " underscore understand unify unlock update use utilize validate vary verify visualize want work yield"
)
ALSO_NOUNS = word_set(
    "access account act address aggregate aim align answer approach approximate associate attempt balance base"
    " benefit boost bound bridge cache call cast cause challenge change claim cluster combat complete compress compute"
    " control correct cover cut deal decrease denoise design document drive edit effect estimate exploit express fall"
    " fight filter fine-tune fit focus forecast form gain generalise grasp ground group guarantee guide handle help"
    " highlight host impact increase index influence insert label lack lead leverage lie limit link load look map mask"
    " match mean measure mine model monitor move name offer order parse partition pattern plan point pose position"
    " pre-train present pretrain probe process produce profile program prune query question raise rank reach reason"
    " record regard release render report respect result review rise route run sample save scale schedule score search"
    " segment separate set shape share shed shift show speed start stem stress structure study subject support survey"
    " switch tailor target test trace track trade train transfer transform translate tune turn update use view weight"
    " work yield"
)
"""Base forms that are as often a noun: verbs only where their neighbours say so."""
_GERUNDS = word_set(
    "according achieving adding adopting aiming alleviating allowing applying arising avoiding becoming being"
    " bringing combining compared comprising concerning considering consisting containing demonstrating depending"
    " describing employing enabling enhancing ensuring establishing exceeding exhibiting exploiting facilitating"
    " facing getting giving going having helping highlighting hindering improving including incurring indicating"
    " introducing involving keeping leading leveraging maintaining making mitigating necessitating neglecting"
    " obtaining offering outperforming overcoming overlooking paving performing posing presenting producing proposing"
    " providing raising reaching reducing regarding relying remaining requiring resulting revealing satisfying"
    " showcasing showing suffering suggesting surpassing tackling taking treating trying underscoring using utilizing"
    " varying yielding"
)
"""Forms in -ing that take an object rather than name a thing."""
_IRREGULAR = word_set(
    "addresses aims arisen begun boosts bridges brought built came chose chosen drawn drew exploits extracts fell"
    " felt found gave grown handles held helps highlights kept leads led left leverages lost met presents rose saw"
    " seeks seen sent shown sought supports taken takes thought took understood uses went written wrote yields"
)
_NOUNS_IN_ED = word_set("speed need seed feed bed shed breed weed red embed biomed testbed spreadsheed med pubmed")
_NOUNS_IN_LY = word_set("family assembly anomaly supply reply monopoly multiply poly early friendly only fly")
_ADJECTIVES = word_set(
    "accurate additional adequate agnostic alone applicable appropriate automatic aware big broad challenging cheap"
    " cheaper clear close closed-form common comparable competitive complex considerable consistent costly critical"
    " crucial deep deeper dense dependent different difficult distinct diverse easier easy effective efficient entire"
    " equal equivalent essential expensive explicit extensive extra false fast faster feasible flexible free full"
    " fundamental general generic greater hard harder high higher huge human-like implicit independent inexpensive"
    " inferior intensive intractable invariant large larger late later limited long low lower manual massive narrow"
    " natural necessary negative open optimal partial poor positive prominent prone quick ready real recent relevant"
    " remarkable responsible rich robust scalable shallow short similar simple simpler slow slower small smaller"
    " sparse specific state-of-the-art strong stronger sub-optimal suboptimal substantial successful sufficient"
    " suitable superior together tractable true ubiquitous unclear unique unknown unseen useful vast versatile vital"
    " weak weaker whole wide worst-case"
)
_OPEN_ENDINGS = (
    "able",
    "ible",
    "ful",
    "less",
    "ous",
    "ical",
    "ional",
    "ular",
    "-free",
    "-aware",
    "-agnostic",
    "-based",
)
_NOUNS_LIKE_ADJECTIVES = word_set(
    "variable table cable tables functional handful formula professional individual fractional"
)
_NAMES_LIKE_SMALL_WORDS = word_set("IT US WHO AM")

_NUMBER = re.compile(r"\d[\d.]*")
_PATTERN = re.compile(r"\d:\d\d?")
_QUANTITY = re.compile(r"\d[\d.,/:]*(?:x|×|%|\\%|k|ms|st|nd|rd|th|times|pp|-fold)?|\d\S*\\?%", re.IGNORECASE)
_FORMULA = re.compile(r"\\[A-Za-z]*|.*\\(?:times|%).*|\$.?\$|.*[=<>≤≥].*")


def _forms(verbs: frozenset[str], ending: str) -> frozenset[str]:
    """Return the forms of regular verbs in -s or -ed.

    >>> sorted(_forms(frozenset({"map", "carry", "use", "reach"}), "ed"))
    ['carried', 'maped', 'mapped', 'reached', 'used']
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


_CERTAIN_VERBS = (_VERBS - ALSO_NOUNS) | _forms(_VERBS - ALSO_NOUNS, "s") | _IRREGULAR | _GERUNDS
_DOUBTFUL = ALSO_NOUNS | _forms(ALSO_NOUNS, "s")
_PAST = _forms(_VERBS | ALSO_NOUNS, "ed")


@lru_cache(maxsize=65_536)
def sort_word(surface: str) -> str:
    """Return what a word is by itself.

    "stop": no part of a phrase; "name": has a capital, a digit or a sign after its first letter; "number", "adverb",
    "past" (a participle or a past tense), "verb?" (a verb or a noun), "noun" (any other word).
    """
    lower = surface.lower()
    if (lower in _SMALL and surface not in _NAMES_LIKE_SMALL_WORDS) or len(lower) > 40:
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
    if lower in _CERTAIN_VERBS:
        return "stop"
    if lower.endswith("ly") and lower not in _NOUNS_IN_LY:
        return "adverb"
    if lower in _PAST:
        return "past"
    return "verb?" if lower in _DOUBTFUL else "noun"


@lru_cache(maxsize=65_536)
def ends_open(surface: str) -> bool:
    """Return whether a word cannot end a noun phrase: an adjective, an adverb, a participle."""
    lower = surface.lower()
    if sort_word(surface) == "name" and "-" not in lower:
        return False
    if lower in _ADJECTIVES or (lower.endswith("ly") and lower not in _NOUNS_IN_LY):
        return True
    if lower.endswith("ed") and lower not in _NOUNS_IN_ED:
        return True
    return lower.endswith(_OPEN_ENDINGS) and lower not in _NOUNS_LIKE_ADJECTIVES
