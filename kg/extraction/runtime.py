"""The one place where onnxruntime is loaded: quiet, without telemetry, on the processor."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any


def open_session(model: Path | bytes, threads: int = 1) -> Any:
    """Return an onnxruntime session on a model, on that many threads.

    Some builds of onnxruntime report use to their maker and keep a device number in the user's cache folder; kg works
    offline, so that is switched off before the library is loaded.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    source = model if isinstance(model, bytes) else str(model)
    return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
