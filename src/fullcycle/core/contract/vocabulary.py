"""Words that people use in data for "missing", for truth and for the class that a question is about.

All are folded: lower case, no white space at the ends. Lists, not rules: a reviewer sees what is known.
"""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Missing in a column whose other values are numbers or dates; elsewhere a value like any other: in the Ames
# data `None` means no veneer.
MISSING_WORDS = _words(
    """
    ? ?? - -- --- — – . .. ... * ** _ / \\ # #n/a #na #n/a! #null! #value! #div/0! #ref! #num! #name?
    na n/a n.a. n.a n\\a <na> nan -nan +nan 1.#qnan 1.#ind -1.#ind -1.#qnan nat null (null) <null> nil none
    <none> (none) \\n \\\\n missing <missing> unknown unk undefined empty blank void tbd
    н/д нд нет_данных неизвестно пусто
    inf -inf +inf infinity -infinity +infinity
    """
) | {"not available", "not applicable", "not known", "no data", "no answer", "нет данных", "не указано"}

# Missing among words, too: nobody calls a category so. `none`, `na` and `unknown` are not among them.
SURELY_MISSING = _words(
    """
    ? ?? #n/a #n/a! #null! #value! #div/0! #ref! #num! #name? n/a n.a. n\\a <na> nan <nan> null (null) <null>
    \\n \\\\n н/д нет_данных
    """
) | {"нет данных", "no data", "not available"}

# Codes for "missing" among numbers, each only where it is the lowest or the highest and stands apart.
LOW_SENTINELS = frozenset(
    [-1.0, -8.0, -9.0, -88.0, -99.0, -888.0, -999.0, -8888.0, -9999.0, -99999.0, -999999.0, -9999999.0]
)
HIGH_SENTINELS = frozenset([99.0, 999.0, 9999.0, 99999.0, 999999.0, 9999999.0, 99999999.0, 999999999.0])

TRUTH_PAIRS = tuple(
    frozenset(pair) for pair in (("true", "false"), ("yes", "no"), ("y", "n"), ("t", "f"), ("on", "off"))
)

# Of two classes, the one that a question is about: the event, the yes, the bad news.
POSITIVE_WORDS = _words(
    """
    true yes y t on 1 positive pos late delayed churn churned fraud default defaulted bad sick ill disease
    diseased died dead deceased malignant spam high left leaver attrited exited cancelled success won
    failed failure fail anomaly attack infected survived converted clicked bought >50k >50k. да есть
    """
)
NEGATIVE_WORDS = _words(
    """
    false no n f off 0 -1 negative neg none normal ontime on_time on-time good healthy alive benign ham low
    stayed existing legit genuine <=50k <=50k. нет не
    """
) | {"on time", "not late", "no churn"}

# Written beside numbers; without the dot that some end with. Single Latin letters are codes too often.
UNITS = _words("$ € £ ¥ ₽ ₴ ₸ ₹ % usd eur gbp rub us$ руб рублей р kg km cm mm кг км см мм")

# Names of columns whose numbers can't be negative.
NEVER_NEGATIVE = _words(
    """
    age ages years price prices cost salary income wage count quantity qty amount weight height length width
    area duration distance tenure rooms population
    возраст лет цена стоимость зарплата доход количество вес рост длина площадь стаж население
    """
)
AGE_WORDS = _words("age ages возраст")
AGE_AT_MOST = 125.0

# Missing wherever they stand: no category is called so. Only proposed in columns of categories.
NO_CATEGORY = _words(
    "? ?? n/a #n/a n.a. nan null <null> (null) <na> <none> nil \\n - -- --- . н/д нд undefined"
) | {"нет данных", "no data", "not available"}

# Names of columns, split into words, that speak of keys or of moments.
KEY_WORDS = _words("id ids uid uuid guid key rowid pk identifier идентификатор ид")
MOMENT_WORDS = _words(
    "date time datetime timestamp ts epoch moment day created updated modified at when дата время"
)


def words_of(name: str) -> list[str]:
    """The words of a column's name: CustomerID, customer_id and "customer id" are the same two."""
    spaced = re.sub(r"(?<=[a-zа-я0-9])(?=[A-ZА-Я])|[\W_]+", " ", name)
    return spaced.casefold().split()
