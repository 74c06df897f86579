"""LaTeX commands and what is left of each when a person reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

_SYMBOLS = r"""
times=× sim=~ approx=≈ leq=≤ le=≤ geq=≥ ge=≥ neq=≠ ne=≠ pm=± mp=∓ cdot=· ll=≪ gg=≫ lesssim=≲ gtrsim=≳
rightarrow=→ to=→ leftarrow=← leftrightarrow=↔ Rightarrow=⇒ longrightarrow=→ uparrow=↑ downarrow=↓ mapsto=↦
infty=∞ ell=ℓ in=∈ notin=∉ subset=⊂ subseteq=⊆ cup=∪ cap=∩ forall=∀ exists=∃ nabla=∇ partial=∂ sum=∑ prod=∏
int=∫ sqrt=√ propto=∝ equiv=≡ deg=° degree=° circ=° AA=Å odot=⊙ oplus=⊕ otimes=⊗ star=⋆ ast=∗ dagger=† dots=…
ldots=… cdots=… top=⊤ bot=⊥ perp=⊥ langle=⟨ rangle=⟩ lceil=⌈ rceil=⌉ lfloor=⌊ rfloor=⌋ mid=| vert=|
checkmark=✓ textasciitilde=~ textdegree=° texttimes=× textbackslash=\ alpha=α beta=β gamma=γ delta=δ epsilon=ε
varepsilon=ε zeta=ζ eta=η theta=θ vartheta=θ iota=ι kappa=κ lambda=λ mu=μ nu=ν xi=ξ pi=π rho=ρ sigma=σ tau=τ
upsilon=υ phi=φ varphi=φ chi=χ psi=ψ omega=ω Gamma=Γ Delta=Δ Theta=Θ Lambda=Λ Xi=Ξ Pi=Π Sigma=Σ Phi=Φ Psi=Ψ
Omega=Ω o=ø O=Ø l=ł L=Ł ss=ß ae=æ AE=Æ oe=œ OE=Œ aa=å i=i j=j eg=e.g. ie=i.e. etal=et␣al. vs=vs. quad=␣
qquad=␣ newline=␣ par=␣ linebreak=␣
"""
SYMBOLS: Mapping[str, str] = MappingProxyType(dict(pair.split("=", 1) for pair in _SYMBOLS.split()))
"""Commands that stand for characters."""

ACCENTS: Mapping[str, str] = MappingProxyType({
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "d": "\u0323", "b": "\u0331",
    "r": "\u030a", "k": "\u0328",
})  # fmt: skip
"""Commands that put an accent on a letter, each with the combining character."""
_SWITCHES = """
em it bf rm tt sc sf sl tiny scriptsize footnotesize small normalsize large Large LARGE huge left right big
Big bigl bigr Bigl Bigr bigg Bigg displaystyle textstyle limits nolimits noindent protect xspace centering
bfseries itshape ttfamily scshape boldmath unboldmath newpage item
"""
SWITCHES = frozenset(_SWITCHES.split())
"""Commands that go, with the blank behind them."""
_DROPPED = """
cite citep citet citealp citealt citeauthor citeyear parencite textcite autocite label ref eqref cref Cref
autoref color vspace hspace footnotemark thanks begin end
"""
DROPPED = frozenset(_DROPPED.split())
"""Commands that go with their argument."""
_SECOND = """
href textcolor colorbox
"""
SECOND = frozenset(_SECOND.split())
"""Commands of which the last of two arguments stays."""
FONTS = re.compile(
    r"math(?:cal|bb|bf|frak|rm|sf|scr|it|tt)|text(?:bf|it|tt|sc|rm|sf)?|textsuperscript|emph|boldsymbol|operatorname|mbox|underline|url|"
    r"bm|vec|hat|bar|tilde|overline|widetilde|widehat|ensuremath"
)
"""Commands that change how their argument looks, which stays."""
ENTITIES: Mapping[str, str] = MappingProxyType(
    {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&nbsp;": " ", "&#39;": "'"}
)
"""Characters as HTML writes them, which archives leave in their texts."""
