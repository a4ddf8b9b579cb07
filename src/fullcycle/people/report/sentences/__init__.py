"""Sentences about findings, made by rule. Importing the package registers one for every code."""

from fullcycle.people.report.sentences import analysis, data, modelling
from fullcycle.people.report.sentences.registry import SENTENCES, tell, title_of

__all__ = ["SENTENCES", "analysis", "data", "modelling", "tell", "title_of"]
