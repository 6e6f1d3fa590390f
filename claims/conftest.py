"""Load the study's own Hypothesis profile: with ``CI`` set, Hypothesis would load another one."""

from study.design.profile import load_profile

load_profile()
