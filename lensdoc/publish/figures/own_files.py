"""Files of records that figures show: there, whole and safe, or the figure is not drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from lensdoc.core.errors import PublishError
from lensdoc.core.files import read_file
from lensdoc.explorables.elements import Element, element
from lensdoc.explorables.own_files import PLOT, Address
from lensdoc.own.plots import check_plot
from lensdoc.own.png import clean_png
from lensdoc.own.svg import clean_svg
from lensdoc.publish.figures.libraries import library
from lensdoc.records.image import PLOTS
from lensdoc.records.own_files import beside, check_files
from lensdoc.records.record import Record

if TYPE_CHECKING:
    from lensdoc.publish.state.page import PageState

_CHECKS = {"image/svg+xml": clean_svg, "image/png": clean_png}
"""Types of files that a page shows, and what refuses those that it should not."""


def addresses(record: Record, name: str, page: PageState) -> Address:
    """Where a page finds the files of a record that it shows.

    Args:
        record: The record.
        name: `RUN/NAME` of it.
        page: The page.

    Raises:
        DataError: A file is not there, not whole, or a picture that loads or runs something.
        PublishError: The data lie outside of the site's files.
    """
    path = page.build.data / f"{name}.json"
    if record.files:
        check_files(record, path)
    for suffix, file in record.files.items():
        if suffix in PLOTS:
            check_plot(suffix, read_file(beside(path, suffix)), str(beside(path, suffix)))
        if file.media_type in _CHECKS:
            _CHECKS[file.media_type](read_file(beside(path, suffix)), str(beside(path, suffix)))
    place = page.build.data_path(name)

    def address(suffix: str) -> str:
        if place is None:
            raise PublishError(f"{name}: its picture lies outside of the site's files; let `data` name a folder below the pages")
        return page.picture_address(quote(f"{place}.{suffix}"))

    return address


def with_plot(tree: Element, name: str, page: PageState) -> Element:
    """The figure with the specification that it draws and the address of the library; the site is told to ship that.

    Args:
        tree: The figure, whose files were checked.
        name: `RUN/NAME` of its record.
        page: The page.

    Raises:
        PublishError: The package that has the library is not installed.
    """
    suffix = tree.attrib.get(PLOT)
    if suffix:
        script, text = library(suffix)
        page.build.plots[script] = text
        tree.set("data-library", script)
        specification = read_file(beside(page.build.data / f"{name}.json", suffix)).decode()
        tree.append(element("template", {"class": "ld-data"}, specification))
    return tree
