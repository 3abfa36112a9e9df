"""The block `/// live | RUN/NAME`: a figure whose model a reader may ask."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from lensdoc.core.errors import PublishError
from lensdoc.explorables.elements import Element
from lensdoc.explorables.live import NOT_HERE
from lensdoc.publish.figures.block import ExplorableBlock
from lensdoc.records.live import Live
from lensdoc.records.own_files import beside, faults, is_local
from lensdoc.records.record import Record


class LiveBlock(ExplorableBlock):
    """A figure of kind `live`, and the address of its files."""

    NAME = "live"

    def drawn(self, record: Record, options: Mapping[str, Any]) -> Element:
        """The figure; without the files of the model it says so, and shows its first state.

        Raises:
            PublishError: The record is of another kind, or one of its files is damaged.
        """
        if not isinstance(record, Live):
            raise PublishError(
                f"{self.argument} is a record of kind {record.KIND!r}, and /// live draws records of kind 'live'; "
                "write /// explorable"
            )
        figure = super().drawn(record, options)
        name = self.page.build.name_of(record)
        data, path = self.page.build.data_path(name), Path(self.page.build.data / f"{name}.json")
        absent = [suffix for suffix, _ in faults(record.files, path) if not beside(path, suffix).exists()]
        for suffix, fault in faults(record.files, path):
            if not (suffix in absent and is_local(suffix)):
                raise PublishError(
                    f"{self.argument}: {fault}; execute the run again: lensdoc run --force {name.rpartition('/')[0]}"
                )
        if absent or data is None:
            figure.set("data-without", NOT_HERE)
        else:
            figure.set("data-files", self.page.address_of(quote(data)))
            self.page.build.has_live = True
        return figure
