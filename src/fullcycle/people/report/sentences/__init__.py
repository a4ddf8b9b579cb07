"""Sentences about findings, made by rule. Importing the package registers one for every code."""

from fullcycle.people.report.sentences import (
    abtest,
    analysis,
    claims,
    cleaning,
    data,
    labels,
    leaks,
    modelling,
    monitoring,
    proposals,
    source,
    verdict,
)
from fullcycle.people.report.sentences.registry import SENTENCES, tell, title_of

__all__ = [
    "SENTENCES",
    "abtest",
    "analysis",
    "claims",
    "cleaning",
    "data",
    "labels",
    "leaks",
    "modelling",
    "monitoring",
    "proposals",
    "source",
    "tell",
    "title_of",
    "verdict",
]
