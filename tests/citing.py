"""Citations for tests: a bibliography, and how each form of the syntax and each work reads in four styles, written by hand."""

from __future__ import annotations

from textwrap import dedent

import markdown
import pytest
from lxml import html
from states import page_state

from lensdoc.publish.extension import LensdocExtension

BIB = r"""
@article{olah, author={Olah, Chris and Mordvintsev, A. and Schubert, Ludwig and Ye, Katherine},
  title={Feature visualization}, journal={Distill}, volume=2, number=11, pages={e7}, year=2017, doi={10.23915/distill.00007}}
@inproceedings{morcos, author={Morcos, Ari S. and Raghu, Maithra}, title={Insights on similarity}, pages={5727--5736},
  booktitle={Proceedings of a Conference}, volume=31, year=2018}
@book{tufte, author={Tufte, Edward R.}, title={Beautiful evidence}, publisher={Graphics Press}, address={Cheshire}, year=2006}
@misc{rogers, author={Rogers, Anna}, title={A primer in {BERT}ology}, year=2020, eprint={2002.12327}, archiveprefix={arXiv}}
@phdthesis{walt, author={van der Walt, St{\'e}fan}, title={On arrays \& images}, school={University of Somewhere}, year=2010}
@misc{vig-a, author={Vig, Jesse}, title={One paper}, year=2019, url={https://example.org/one?a=1&b=2}}
@misc{vig-b, author={Vig, Jesse}, title={Two papers}, year=2019, url={https://example.org/two}}
@article{wolf, author={Wolf, Thomas and others}, title={Why {$\ell_2$}?}, journal={Journal of Tests}, year=2019, month=may}
"""
FORMS = {
    "[@tufte]": ("[1]", "(Tufte 2006)", "(Tufte, 2006)", "1"),
    "[@tufte, p. 3]": ("[1, p. 3]", "(Tufte 2006, 3)", "(Tufte, 2006, p. 3)", "1 (p. 3)"),
    "[@tufte, pp. 3-5, 9]": ("[1, pp. 3–5, 9]", "(Tufte 2006, 3–5, 9)", "(Tufte, 2006, pp. 3–5, 9)", "1 (pp. 3–5, 9)"),
    "[@tufte sec. 2.1]": ("[1, sec. 2.1]", "(Tufte 2006, sec. 2.1)", "(Tufte, 2006, sec. 2.1)", "1 (sec. 2.1)"),
    "[@tufte, ch. IV]": ("[1, chap. IV]", "(Tufte 2006, chap. IV)", "(Tufte, 2006, chap. IV)", "1 (chap. IV)"),
    "[@tufte, fig. 2]": ("[1, fig. 2]", "(Tufte 2006, fig. 2)", "(Tufte, 2006, fig. 2)", "1 (fig. 2)"),
    "[@tufte, eqs. 2 and 3]": (
        "[1], eqs. 2 and 3",
        "(Tufte 2006, eqs. 2 and 3)",
        "(Tufte, 2006, eqs. 2 and 3)",
        "1, eqs. 2 and 3",
    ),
    "[@tufte, vol. 2]": ("[1, vol. 2]", "(Tufte 2006, vol. 2)", "(Tufte, 2006, vol. 2)", "1 (vol. 2)"),
    "[@tufte, 33]": ("[1, p. 33]", "(Tufte 2006, 33)", "(Tufte, 2006, p. 33)", "1 (p. 33)"),
    "[@tufte, {p. iv, recto}]": (
        "[1, p. iv], recto",
        "(Tufte 2006, iv, recto)",
        "(Tufte, 2006, p. iv, recto)",
        "1 (p. iv), recto",
    ),
    "[see @tufte, sec. 2; also @morcos]": (
        "see [1, sec. 2], also [2]",
        "(see Tufte 2006, sec. 2; also Morcos and Raghu 2018)",
        "(see Tufte, 2006, sec. 2; also Morcos & Raghu, 2018)",
        "see 1 (sec. 2),also 2",
    ),
    "[@tufte, p. 3, and *passim*]": (
        "[1, p. 3], and passim",
        "(Tufte 2006, 3, and passim)",
        "(Tufte, 2006, p. 3, and passim)",
        "1 (p. 3), and passim",
    ),
    "[@olah; @tufte]": ("[1], [2]", "(Olah et al. 2017; Tufte 2006)", "(Olah et al., 2017; Tufte, 2006)", "1,2"),
    "@olah says": ("Olah et al. [1] says", "Olah et al. (2017) says", "Olah et al. (2017) says", "Olah et al.1 says"),
    "@morcos [p. 3] say": (
        "Morcos and Raghu [1, p. 3] say",
        "Morcos and Raghu (2018, 3) say",
        "Morcos & Raghu (2018, p. 3) say",
        "Morcos and Raghu1 (p. 3) say",
    ),
    "@olah [p. 3; also @tufte] say": (
        "Olah et al. [1, p. 3], also [2] say",
        "Olah et al. (2017, 3; also Tufte 2006) say",
        "Olah et al. (2017, p. 3; also Tufte, 2006) say",
        "Olah et al.1 (p. 3),also 2 say",
    ),
    "Tufte [-@tufte] says": ("Tufte [1] says", "Tufte (2006) says", "Tufte (2006) says", "Tufte1 says"),
    "[@vig-b; @vig-a]": ("[1], [2]", "(Vig 2019b; Vig 2019a)", "(Vig, 2019b; Vig, 2019a)", "1,2"),
    "@wolf, @walt.": (
        "Wolf et al. [1], Walt [2].",
        "Wolf et al. (2019), Walt (2010).",
        "Wolf et al. (2019), Walt (2010).",
        "Wolf et al.1, Walt2.",
    ),
    "[@{tufte}]": ("[1]", "(Tufte 2006)", "(Tufte, 2006)", "1"),
}
STYLES = ("ieee", "author-date", "apa", "nature")
KEYS = ("olah", "morcos", "tufte", "rogers", "walt", "wolf")
REFERENCES = {
    "ieee": (
        (
            "[1] C. Olah, A. Mordvintsev, L. Schubert, and K. Ye, “Feature visualization,” Distill, vol. 2, no. 11, p. e7, 2017, "
            "doi: 10.23915/distill.00007."
        ),
        (
            "[2] A. S. Morcos and M. Raghu, “Insights on similarity,” in Proceedings of a Conference, vol. 31, 2018, "
            "pp. 5727–5736."
        ),
        "[3] E. R. Tufte, Beautiful evidence. Cheshire: Graphics Press, 2006.",
        "[4] A. Rogers, “A primer in BERTology,” 2020. [Online]. Available: https://arxiv.org/abs/2002.12327",
        "[5] S. van der Walt, “On arrays & images,” PhD thesis, University of Somewhere, 2010.",
        "[6] T. Wolf et al., “Why \\(\\ell_2\\)?” Journal of Tests, May 2019.",
    ),
    "author-date": (
        (
            "Olah, Chris, A. Mordvintsev, Ludwig Schubert, and Katherine Ye. 2017. “Feature visualization.” Distill 2 (11): e7. "
            "https://doi.org/10.23915/distill.00007."
        ),
        (
            "Morcos, Ari S., and Maithra Raghu. 2018. “Insights on similarity.” In Proceedings of a Conference, "
            "vol. 31, 5727–5736."
        ),
        "Tufte, Edward R. 2006. Beautiful evidence. Cheshire: Graphics Press.",
        "Rogers, Anna. 2020. “A primer in BERTology.” https://arxiv.org/abs/2002.12327.",
        "Walt, Stéfan van der. 2010. “On arrays & images.” PhD thesis, University of Somewhere.",
        "Wolf, Thomas et al. 2019. “Why \\(\\ell_2\\)?” Journal of Tests.",
    ),
    "apa": (
        (
            "Olah, C., Mordvintsev, A., Schubert, L., & Ye, K. (2017). Feature visualization. Distill, 2(11), e7. "
            "https://doi.org/10.23915/distill.00007"
        ),
        ("Morcos, A. S., & Raghu, M. (2018). Insights on similarity. In Proceedings of a Conference (Vol. 31, pp. 5727–5736)."),
        "Tufte, E. R. (2006). Beautiful evidence. Graphics Press.",
        "Rogers, A. (2020). A primer in BERTology. https://arxiv.org/abs/2002.12327",
        "Walt, S. van der. (2010). On arrays & images [PhD thesis]. University of Somewhere.",
        "Wolf, T. et al. (2019). Why \\(\\ell_2\\)? Journal of Tests.",
    ),
    "nature": (
        (
            "1. Olah, C., Mordvintsev, A., Schubert, L. & Ye, K. Feature visualization. Distill 2, e7 (2017). "
            "https://doi.org/10.23915/distill.00007"
        ),
        "2. Morcos, A. S. & Raghu, M. Insights on similarity. in Proceedings of a Conference Vol. 31, 5727–5736 (2018).",
        "3. Tufte, E. R. Beautiful evidence (Graphics Press, Cheshire, 2006).",
        "4. Rogers, A. A primer in BERTology. https://arxiv.org/abs/2002.12327 (2020).",
        "5. Walt, S. van der. On arrays & images. PhD thesis (University of Somewhere, 2010).",
        "6. Wolf, T. et al. Why \\(\\ell_2\\)? Journal of Tests (2019).",
    ),
}


@pytest.fixture
def cite(tmp_path):
    """Renders a page in a style; returns its tree and the mistakes that were reported."""

    def run(text, csl="ieee", bib=BIB, **options):
        problems = []
        (tmp_path / "works.bib").write_text(bib)
        context = page_state(tmp_path, root=tmp_path, path="page.md", report=problems.append, **options)
        extension = LensdocExtension(page=context, bibliography="works.bib", csl=csl)
        others = ["attr_list", "fenced_code", "footnotes", "tables", "toc", "admonition", "pymdownx.blocks.caption"]
        return html.fragment_fromstring(markdown.markdown(dedent(text), extensions=[*others, extension]), "article"), problems

    return run


def text_of(element):
    return " ".join(element.text_content().split())


def entries(page):
    """The list of references as text, without the ways back."""
    shown = page.xpath("//ol[contains(@class, 'ld-works')]/li")
    return {li.get("id"): text_of(li).partition(" Cited in ")[0] for li in shown}


AUTHORS = ["morcos", "olah", "rogers", "tufte", "walt", "wolf"]
