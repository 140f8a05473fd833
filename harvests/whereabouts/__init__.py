"""Where is my dataset? How far a document came on its way, and what stopped it."""

from harvests.whereabouts.asked import Question, question_of
from harvests.whereabouts.matches import SHOWN, Match, Search
from harvests.whereabouts.steps import Step
from harvests.whereabouts.unseen import Candidate, candidates_of

__all__ = [
    "SHOWN",
    "Candidate",
    "Match",
    "Question",
    "Search",
    "Step",
    "candidates_of",
    "question_of",
]
