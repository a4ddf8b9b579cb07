"""Names of works, parts, states and problems in a person's language."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from markupsafe import Markup

from fullcycle.people.course.course_file import Course
from fullcycle.people.course.seen import Problem
from fullcycle.people.course.works import Item, Work
from fullcycle.people.report.pages.assess_parts.said import CRITERIA
from fullcycle.people.report.words import Words


def _(message: str) -> str:
    return message


def count(singular: str, plural: str) -> tuple[str, str]:
    """Marks both for the catalogue."""
    return singular, plural


HOMEWORK = {
    1: _("Homework 1: ML in industry"),
    2: _("Homework 2: working with data"),
    3: _("Homework 3: experiments and preparation for deployment"),
}
PARTS = {
    "fields": _("Three fields where ML is used, with an example each"),
    "roles": _("Roles and duties of an ML engineer"),
    "tools": _("Five tools and what each is for"),
    "case": _("A published case: which tasks were solved and what the ML engineer did"),
    "skills": _("Skills for big data and deployment"),
    "cleaning": _("What was cleaned, by which steps and why"),
    "statistics": _("Mean, median and standard deviation"),
    "pictures": _("Histograms, box plots and scatter plots"),
    "pictures_written": _("Conclusions on distributions and relations, in writing"),
    "gaps_and_outliers": _("Missing values and outliers are handled"),
    "scaling": _("Features are normalised or standardised"),
    "scaling_written": _("Why this scaling, in writing"),
    "hypothesis": _("A hypothesis with its criterion of success, stated before the result"),
    "tracking": _("A tracking system has the runs"),
    "tracking_written": _("How the tracking system is used, in writing"),
    "settings": _("Several settings were compared by a metric"),
    "settings_written": _("What the parameters did, in writing"),
    "optimised": _("Forms of the model were compared for production"),
    "api": _("The API of the model was asked and answered right"),
    "api_written": _("How the API is called, in writing"),
    "quiz": _("Quiz: right answers"),
}
# What evidence shows of a part, with the number of what was found.
SHOWN = {
    "cleaning": count("%(n)s decision on record", "%(n)s decisions on record"),
    "statistics": count("%(n)s feature described", "%(n)s features described"),
    "pictures": count("%(n)s picture", "%(n)s pictures"),
    "gaps_and_outliers": count("%(n)s feature with a policy", "%(n)s features with a policy"),
    "scaling": count("%(n)s feature scaled", "%(n)s features scaled"),
    "hypothesis": count("%(n)s hypothesis fixed in time", "%(n)s hypotheses fixed in time"),
    "tracking": count("%(n)s run", "%(n)s runs"),
    "settings": count("%(n)s setting tried", "%(n)s settings tried"),
    "optimised": count("%(n)s form compared", "%(n)s forms compared"),
    "api": count("%(n)s test of the API passed", "%(n)s tests of the API passed"),
}
OF_CRITERIA = count("%(n)s check passed", "%(n)s checks passed")
FIVE_POINT = {5: _("excellent"), 4: _("good"), 3: _("satisfactory"), 2: _("not passed")}
CREDIT = {True: _("credit"), False: _("no credit")}
ROUNDING = {
    "half_up": _("to the nearest whole number, halves up"),
    "half_even": _("to the nearest whole number, halves to the even one"),
    "half_down": _("to the nearest whole number, halves down"),
    "up": _("up to a whole number"),
    "down": _("down to a whole number"),
}
LATE = {"full": _("counts in full"), "nothing": _("counts zero")}
MISSING = {
    "open": _("What is missing leaves the grade open."),
    "zero": _("What is missing after its deadline counts zero, and is shown as missing."),
}
STATES = {
    "scored": _("judged"),
    "unmarked": _("waits for the teacher's mark"),
    "unreadable": _("can't be judged"),
    "missing": _("not handed in"),
}
PROBLEMS = {
    "protocol_refused": _("The address %(about)s uses a protocol that the course does not allow."),
    "clone_failed": _("The repository could not be fetched: %(said)s"),
    "clone_slow": _("The repository could not be fetched within %(about)s."),
    "too_large": _("There is more than is read: %(about)s."),
    "too_many_files": _("There are more than %(about)s files."),
    "link_outside": _("%(about)s is a link that leads out of the folder."),
    "special_file": _("%(about)s is neither a file nor a folder."),
    "git_elsewhere": _("%(about)s leads to another repository."),
    "no_project": _("There is no fullcycle.yaml in %(about)s."),
    "several_projects": _("There are several projects, and nobody said which: %(about)s."),
    "evidence_unreadable": _("%(about)s can't be read: %(said)s"),
    "attempt_unreadable": _("%(about)s is not an attempt that the quiz wrote."),
    "attempt_of_another_bank": _("The attempt is not of this course's questions, or was changed by hand."),
    "attempt_of_another_draw": _("The attempt is of draw %(about)s instead of %(said)s."),
    "too_few_questions": _("The attempt has %(about)s questions instead of %(said)s at least."),
    "reading_failed": _("The process that read it died."),
    "reading_slow": _("Reading it took too long."),
    "rebuild_failed": _("It could not be made again (%(about)s): %(said)s"),
    "rebuild_slow": _("It could not be made again within %(about)s."),
}


def work_title(words: Words, work: str) -> str:
    """Of `homework_2`, `project`, `project_2`, `quiz`."""
    kind, _sep, number = work.partition("_")
    if kind == "homework":
        return words.gettext(HOMEWORK[int(number)])
    if kind == "quiz":
        return words.gettext("Quiz")
    return words.gettext("Project %(number)s") % {"number": number} if number else words.gettext("Project")


def item_title(words: Words, item: str) -> str:
    """What a part asks for."""
    work, _sep, part = item.partition(".")
    if work.startswith("project"):
        return f"{work_title(words, work)}: {words.gettext(CRITERIA[part])}"
    title = PARTS[part] if part else PARTS[work]
    return words.gettext(title)


def points_text(words: Words, points: Fraction | None) -> str:
    """Points to three digits, as people read them; nothing is rounded on the way to the grade.

    >>> points_text(Words("ru"), Fraction(20, 3))
    '6,67'
    """
    return "–" if points is None else words.number(float(points), 3)


def problem_text(words: Words, problem: Problem) -> Markup:
    """Why something can't be judged."""
    return words.say(PROBLEMS[problem.code], about=words.code(problem.about), said=words.code(problem.said))


def shown_text(words: Words, item: Item) -> str:
    """What evidence shows of a part; nothing where it doesn't judge it."""
    part = item.id.partition(".")[2]
    if item.shown is None:
        return ""
    singular, plural = SHOWN.get(part, OF_CRITERIA)
    return str(words.count(singular, plural, item.shown.count))


def lateness_text(words: Words, work: Work, course: Course) -> str:
    """By how many days it came late and what follows; empty for work in time, or that has no deadline."""
    if work.late:
        days = words.count("%(n)s day late", "%(n)s days late", work.days_late or 0)
        return f"{days}: {late_rule(words, course)}"
    if work.deadline and work.days_late is None and work.state not in ("missing", "unreadable"):
        return words.gettext("nobody knows when it came")
    return ""


def late_rule(words: Words, course: Course) -> str:
    """What the course does with late work."""
    rules = course.late
    if rules.count == "less":
        points = words.number(rules.points_a_day, 3)
        return words.gettext("less by %(points)s of ten points for each day") % {"points": points}
    return words.gettext(LATE[rules.count])


def missing_rule(words: Words, course: Course) -> str:
    """What the course does with work that is missing."""
    return words.gettext(MISSING[course.missing])


def notes_of(words: Words, work: Work, course: Course) -> Iterator[str]:
    """What a person must know of a work beside its points, in a few words."""
    if work.state == "missing":
        left = [item for item in work.items if item.state == "missing"]
        if len(left) < len(work.items):
            yield str(words.count("%(n)s part not handed in", "%(n)s parts not handed in", len(left)))
        else:
            yield words.gettext(STATES["missing"])
        if work.counted is not None:
            yield words.gettext("counts zero")
        elif work.deadline and not work.due:
            yield words.gettext("not due yet")
    elif work.state != "scored":
        yield words.gettext(STATES[work.state])
    late = lateness_text(words, work, course)
    if late:
        yield late
