"""Every scenario of every feature; the run itself is `conformance.run.session`."""

from __future__ import annotations

from pytest_bdd import scenarios

from conformance.requirements.resources import features_dir

scenarios(str(features_dir()))
